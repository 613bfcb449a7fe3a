import { test } from 'node:test';
import fc from 'fast-check';
import { readStsAnswer } from '../credentials/exchange/sts-answer.ts';
import { METADATA_ADDRESS } from '../lib/contract/imds.ts';
import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import type { EndpointRequest } from '../lib/http/endpoint.ts';
import { redactSecrets } from '../lib/text/redact.ts';
import { arbitraryRequest } from '../testing/arbitrary/request.ts';
import { assertLinear } from '../testing/cost/step-count.ts';
import { workload } from '../testing/sidecar/workload.ts';

/**
 * Steps of requests and answers of any length: the listener bounds the bytes, and this what each of them
 * costs.
 */
const SECRET_PATH = `${SIDECAR_CREDENTIALS_PATH}/5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f`;
const access = { secretPath: SECRET_PATH, authorization: () => ['authorized'], isOpen: false };

type Part = (size: number) => string;
const HOSTILE_URLS: Readonly<Record<string, Part>> = {
  slashes: (size) => '/'.repeat(size),
  'names of the metadata tree': (size) => `/latest${'/meta-data'.repeat(size)}`,
  'encoded slashes': (size) => `/latest${'%2F'.repeat(size)}`,
  'percent signs': (size) => `/${'%'.repeat(size)}`,
  dots: (size) => `/latest${'/..'.repeat(size)}`,
  'a query': (size) => `/latest?${'a=b&'.repeat(size)}`,
  'the secret path and more': (size) => `${SECRET_PATH}${'/a'.repeat(size)}`,
};
for (const [name, url] of Object.entries(HOSTILE_URLS)) {
  test(`linear: a path of ${name}`, async () => {
    for (const host of ['127.0.0.1:9911', METADATA_ADDRESS.instanceIpv4]) {
      await assertLinear((size) => {
        const { ask } = workload({ imdsv2: 'required', access });
        const long = url(size);
        return () => ask('GET', long, { host });
      });
    }
  });
}

const HOSTILE_HEADERS: Readonly<Record<string, Part>> = {
  host: (size) => `[${':'.repeat(size)}]`,
  'x-forwarded-for': (size) => '10.0.0.1, '.repeat(size),
  authorization: (size) => `Bearer ${' '.repeat(size)}x`,
  'x-aws-ec2-metadata-token': (size) => 'A'.repeat(size),
  'x-aws-ec2-metadata-token-ttl-seconds': (size) => '0'.repeat(size),
};
for (const [header, value] of Object.entries(HOSTILE_HEADERS)) {
  test(`linear: the header ${header}`, async () => {
    for (const [method, path] of [
      ['GET', '/latest/meta-data/'],
      ['PUT', '/latest/api/token'],
      ['GET', SECRET_PATH],
    ] as const) {
      await assertLinear((size) => {
        const { ask } = workload({ imdsv2: 'required', access });
        const headers = { [header]: value(size) };
        return () => ask(method, path, headers);
      });
    }
  });
}

test('no request takes more steps per byte than a shorter one of its kind', async () => {
  const request = arbitraryRequest({
    paths: ['/latest/meta-data/iam/security-credentials/web', SECRET_PATH],
    headers: { authorization: ['authorized'], host: [METADATA_ADDRESS.instanceIpv4] },
  });
  await fc.assert(
    fc.asyncProperty(request, ({ method, url, headers }) =>
      assertLinear(
        (size) => {
          const { endpoint } = workload({ imdsv2: 'optional', access });
          const long: EndpointRequest = { method, url: `/${url.repeat(size)}`, headers };
          return () => endpoint(long);
        },
        { size: 100 },
      ),
    ),
    { numRuns: 200 },
  );
});

const HOSTILE_ANSWERS: Readonly<Record<string, Part>> = {
  'elements beside each other': (size) => `<Error>${'<Code></Code>'.repeat(size)}</Error>`,
  'elements in each other': (size) => '<a>'.repeat(size),
  attributes: (size) => `<Error ${'a="b" '.repeat(size)}/>`,
  entities: (size) => `<Error><Message>${'&amp;'.repeat(size)}</Message></Error>`,
  'a message of percent signs': (size) => `<Error><Message>${'%25'.repeat(size)}</Message></Error>`,
  'white space': (size) => `<Error>${' \n'.repeat(size)}</Error>`,
};
for (const [name, body] of Object.entries(HOSTILE_ANSWERS)) {
  test(`linear: an answer of STS of ${name}`, async () => {
    for (const status of [200, 400]) {
      await assertLinear((size) => {
        const long = body(size);
        return () => {
          try {
            readStsAnswer(status, long, { object: 'STS', secrets: ['the token'] });
          } catch {
            // It is refused, and the cost of that is what counts.
          }
        };
      });
    }
  });
}

test('linear: removing secrets from the text of a server', async () => {
  const token = `eyJhbGciOi.${'Ab1-_cD2'.repeat(30)}`;
  const wrapped = [
    'Ab1-_cD2Ab1-_cD2Ab1-_cD,',
    '\\n',
    '\\u200b',
    '&#10;',
    '<br',
    '%0A',
    '&',
    '%',
    '25',
    '%%34%31',
  ];
  for (const part of [
    'eyJ',
    'eyJhbGciOi.',
    'bearer ',
    '%25',
    'password=',
    '://a:',
    'Aa1',
    'a@',
    ...wrapped,
  ]) {
    await assertLinear((size) => {
      const text = `%${part.repeat(size)}`;
      return () => redactSecrets(text, ['the token', token]);
    });
  }
});
