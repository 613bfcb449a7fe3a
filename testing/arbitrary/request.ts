import fc from 'fast-check';
import type { EndpointRequest } from '../../lib/http/endpoint.ts';

/** Known parts of the random requests. */
interface RequestParts {
  /** Paths that are served. */
  readonly paths: readonly string[];
  /** Names of headers that the server reads, in lower case, and values that are valid for some of them. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/**
 * Requests of every kind: valid, valid with one error, and nonsense. Node's parser would pass on only some of
 * them.
 */
export function arbitraryRequest({ paths, headers }: RequestParts): fc.Arbitrary<EndpointRequest> {
  const good = fc.constantFrom(...paths);
  const url = fc.oneof(
    { weight: 4, arbitrary: good },
    { weight: 4, arbitrary: fc.tuple(good, oneChange).map(([path, change]) => change(path)) },
    { weight: 1, arbitrary: hostileUrl },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) },
  );
  return fc.record({ method, url, headers: headersOf(headers) });
}

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant('GET') },
  { weight: 3, arbitrary: fc.constant('PUT') },
  fc.constantFrom('HEAD', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', ''),
  fc.string({ maxLength: 8 }),
);

/** Changes that proxies, browsers, scanners and careless clients make to a path. */
const oneChange: fc.Arbitrary<(path: string) => string> = fc.oneof(
  fc.constantFrom<(path: string) => string>(
    (path) => `${path}/`,
    (path) => `/${path}`,
    (path) => path.replaceAll('/', '//'),
    (path) => path.replaceAll('/', '%2F'),
    (path) => path.replaceAll('/', '\\'),
    (path) => path.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    (path) => path.replace(/[a-z]/, (letter) => `%25${letter.charCodeAt(0).toString(16)}`),
    (path) => path.toUpperCase(),
    (path) => path.slice(1),
    (path) => path.slice(0, -1),
    (path) => `${path}%00`,
    (path) => `${path}\u0000`,
    (path) => `${path}%`,
    (path) => `${path};x=1`,
    (path) => `${path}?`,
    (path) => `${path}#x`,
    (path) => `${path}/.`,
    (path) => `${path}/../credentials`,
    (path) => `/x/..${path}`,
    (path) => `/./${path}`,
    (path) => `http://169.254.169.254${path}`,
    (path) => `http://user:secret@example.com:80${path}`,
    (path) => `//example.com${path}`,
    (path) => `${path}${'/a'.repeat(2_000)}`,
  ),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => (path: string) => path + text),
  fc.tuple(fc.nat(60), fc.string({ unit: 'binary', minLength: 1, maxLength: 2 })).map(
    ([index, text]) =>
      (path: string) =>
        path.slice(0, index) + text + path.slice(index + 1),
  ),
);

const hostileUrl = fc.constantFrom(
  '*',
  '',
  '?',
  '/%',
  '/%%%',
  '/%c0%af',
  '/%ed%a0%80',
  '/__proto__',
  '/constructor/prototype',
  '/latest/__proto__/toString',
  '169.254.169.254:80',
  'http:',
  'http://[',
  `/${'%41'.repeat(3_000)}`,
  '/latest/meta-data/iam/security-credentials/../../../../../etc/passwd',
  '/latest\r\nX-Injected: 1',
);

function headersOf(known: RequestParts['headers']): fc.Arbitrary<EndpointRequest['headers']> {
  const wrong = fc.oneof(
    fc.constantFrom('', '0', '-1', '1, 1', 'NaN', '\u0000', '\r\nX: y', 'x'.repeat(8_000)),
    fc.string({ unit: 'binary', maxLength: 80 }),
  );
  const one = fc.constantFrom(...Object.keys(known)).chain((name) => {
    const good = fc.constantFrom(...(known[name] ?? ['']));
    return fc.tuple(fc.constant(name), fc.oneof({ weight: 3, arbitrary: good }, wrong));
  });
  return fc.array(one, { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
}
