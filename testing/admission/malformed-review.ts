import fc from 'fast-check';
import { type Pod, reviewOf } from './admission.ts';

/** A request to `/mutate` that no API server would send. */
export interface MalformedRequest {
  readonly method: string;
  /** Request target of the request line. */
  readonly target: string;
  readonly contentType: string;
  readonly body: Buffer;
}

type Path = readonly (string | number)[];

const REMOVED = Symbol('removed');

/**
 * Requests with one error: other bytes, other JSON, truncated, one part replaced or removed, or other
 * headers.
 */
export function malformedRequest(pod: Pod): fc.Arbitrary<MalformedRequest> {
  const review: unknown = JSON.parse(JSON.stringify(reviewOf(pod)));
  const whole = JSON.stringify(review);
  const oneFault = fc
    .tuple(
      fc.constantFrom(...pathsOf(review)),
      fc.oneof(fc.constant(REMOVED), fc.jsonValue({ maxDepth: 3 }), hostile),
    )
    .map(([path, value]) => JSON.stringify(replaced(review, path, value)));
  const body = fc.oneof(
    { weight: 6, arbitrary: oneFault.map((json) => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.nat(whole.length - 1).map((length) => Buffer.from(whole.slice(0, length))) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4 }).map((json) => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
  return fc.record({
    method: fc.oneof(
      { weight: 30, arbitrary: fc.constant('POST') },
      fc.constantFrom('GET', 'PUT', 'DELETE', 'PATCH'),
    ),
    target: fc.oneof(
      { weight: 30, arbitrary: fc.constant('/mutate') },
      fc.constantFrom(
        'http://[/mutate',
        'http://[::1/mutate',
        'http://a:b/mutate',
        'http://a/mutate',
        '//mutate',
        '*',
        '/%',
        '/mutate?%',
      ),
    ),
    contentType: fc.oneof(
      { weight: 30, arbitrary: fc.constant('application/json') },
      fc.constantFrom(
        '',
        'text/plain',
        'application/json; charset=utf-8',
        'application/yaml',
        'a/b; ="',
        '/',
      ),
    ),
    body,
  });
}

/** Values that have crashed other parsers. */
const hostile = fc.constantFrom<unknown>(
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
  nested(2_000),
  'x'.repeat(10_000),
  '\u0000\ud800',
  1e308,
  -0,
  [null, null],
);

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

/** Returns the path of every part of a JSON value, without the value itself. */
function pathsOf(value: unknown, base: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [
    [...base, key],
    ...pathsOf((value as Record<string, unknown>)[key], [...base, key]),
  ]);
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = Array.isArray(value) ? [...value] : { ...(value as Record<string, unknown>) };
  const part = replaced((copy as Record<string, unknown>)[key], rest, by);
  if (part === REMOVED) Reflect.deleteProperty(copy, key);
  else
    Object.defineProperty(copy, key, { value: part, enumerable: true, writable: true, configurable: true });
  return copy;
}
