import { z } from 'zod';

/**
 * Schema of the result of one read.
 * - `read`: the answer
 * - `absent`: the server says that it does not exist
 * - `denied`: these credentials may not read it; `needs` names the right: `get on namespaces`
 * - `failed`: no usable answer: no credentials, unreachable, timeout, not implemented; `remedy` if known
 * - `not asked`: left out, and why: `no ServiceAccount was found`, `audit issues no tokens`
 */
export function reading<Value extends z.ZodType>(value: Value) {
  return z.discriminatedUnion('state', [
    z.object({ state: z.literal('read'), value }),
    z.object({ state: z.literal('absent') }),
    z.object({ state: z.literal('denied'), needs: z.string(), said: z.string() }),
    z.object({ state: z.literal('failed'), said: z.string(), remedy: z.string().optional() }),
    z.object({ state: z.literal('not asked'), why: z.string() }),
  ]);
}

/** Result of one read. */
export type Reading<Value> =
  | { readonly state: 'read'; readonly value: Value }
  | { readonly state: 'absent' }
  | { readonly state: 'denied'; readonly needs: string; readonly said: string }
  | { readonly state: 'failed'; readonly said: string; readonly remedy?: string | undefined }
  | { readonly state: 'not asked'; readonly why: string };

/** Type of a schema, deeply read-only. */
export type FactsOf<Schema extends z.ZodType> = DeepReadonly<z.output<Schema>>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
