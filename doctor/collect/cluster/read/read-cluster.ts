import {
  type ApiAnswer,
  type ApiClient,
  describeAnswer,
  type Limits,
} from '../../../../kubernetes/api-client.ts';
import { remedyFor } from '../../../../kubernetes/api-refusal.ts';
import type { Parts } from '../../../../kubernetes/read/json-parts.ts';
import { readPages } from '../../../../kubernetes/read/read-pages.ts';
import { messagesOf } from '../../../../lib/errors.ts';
import { asObject, type JsonObject } from '../../../../lib/json/json.ts';
import { redactSecrets } from '../../../../lib/text/redact.ts';
import type { Reading } from '../../../facts/reading.ts';

/** Access to a cluster: every read has the same limits. */
export interface ClusterAccess {
  readonly client: Pick<ApiClient, 'get' | 'getPage' | 'send'>;
  readonly limits: Limits;
}

/**
 * Runs a read. A failure becomes a part of the facts, and the other reads go on.
 * @throws what the read throws once the run is interrupted
 */
export async function attempt<T>({ signal }: Limits, read: () => Promise<Reading<T>>): Promise<Reading<T>> {
  try {
    return await read();
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    if (thrown instanceof UnexpectedAnswer) return unread(thrown.answer, thrown.needs);
    return { state: 'failed', said: redactSecrets(messagesOf(thrown)) };
  }
}

/**
 * Gets one object.
 * @param needs right that it takes: `get on pods in namespace shop`
 */
export function getObject<T>(
  { client, limits }: ClusterAccess,
  path: string,
  needs: string,
  narrow: (object: JsonObject) => T | undefined,
): Promise<Reading<T>> {
  return attempt(limits, async () => readingOf(await client.get(path, limits), needs, narrow));
}

/** Narrows an answer; one that narrow does not understand is `failed`. */
export function readingOf<T>(
  answer: ApiAnswer,
  needs: string,
  narrow: (object: JsonObject) => T | undefined,
): Reading<T> {
  const { status, body } = answer;
  const object = asObject(body);
  const value = status >= 200 && status < 300 && object ? narrow(object) : undefined;
  return value === undefined ? unread(answer, needs) : { state: 'read', value };
}

function unread(answer: ApiAnswer, needs: string): Exclude<Reading<unknown>, { state: 'read' }> {
  const { status } = answer;
  if (status === 404) return { state: 'absent' };
  const said = describeAnswer(answer);
  if (status === 403) return { state: 'denied', needs, said };
  // The API server does not know who asks: no right is missing.
  return { state: 'failed', said, remedy: remedyFor(answer, '') || undefined };
}

export interface ClusterList {
  readonly path: string;
  readonly needs: string;
  /** Parameters of the query, such as `fieldSelector`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Wanted parts of each object; default: all of it. */
  readonly parts?: Parts;
  /** Objects after these are left out. */
  readonly mostObjects: number;
}

/** Folds a list as its pages come, so that at most one object is held. */
export function foldList<T>(
  { client, limits }: ClusterAccess,
  { path, needs, parameters = {}, parts, mostObjects }: ClusterList,
  start: T,
  add: (sum: T, object: JsonObject) => T,
): Promise<Reading<T>> {
  const refuse = (answer: ApiAnswer) => new UnexpectedAnswer(answer, needs);
  return attempt(limits, async () => {
    let [sum, seen] = [start, 0];
    for await (const page of readPages({ client, path, parameters, limits, parts: parts ?? true, refuse })) {
      for (const item of page.objects) {
        const object = asObject(item);
        if (object) sum = add(sum, object);
        seen += 1;
        if (seen === mostObjects) return { state: 'read', value: sum };
      }
    }
    return { state: 'read', value: sum };
  });
}

class UnexpectedAnswer extends Error {
  readonly answer: ApiAnswer;
  readonly needs: string;

  constructor(answer: ApiAnswer, needs: string) {
    super(describeAnswer(answer));
    this.answer = answer;
    this.needs = needs;
  }
}

/** Returns the reading with its value changed; the others stay as they are. */
export function mapReading<T, U>(reading: Reading<T>, change: (value: T) => U): Reading<U> {
  return reading.state === 'read' ? { state: 'read', value: change(reading.value) } : reading;
}
