import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseContainerCredentialsConfig } from './container-credentials-config.ts';

test('ServiceAccounts are matched exactly', () => {
  const parsed = parseContainerCredentialsConfig(
    '{"identities": [{"namespace": "shop", "serviceAccount": "web"}, {"namespace": "*", "serviceAccount": "any"}]}',
  );
  assert.ok(parsed.ok);
  assert.equal(parsed.identities.size, 2);
  assert.equal(parsed.identities.has('shop', 'web'), true);
  assert.equal(parsed.identities.has('shop', 'web2'), false);
  assert.equal(parsed.identities.has('other', 'web'), false);
  assert.equal(parsed.identities.has('shop', 'any'), false);
});

test('a file that is missing, empty or names nobody clears the set', () => {
  for (const text of [undefined, '', '\n', '{}', '{"identities": null}', '{"identities": []}']) {
    const parsed = parseContainerCredentialsConfig(text);
    assert.equal(parsed.ok && parsed.identities.size, 0, text);
  }
});

test('a file that cannot be read as a whole is reported', () => {
  const cases: [text: string, problem: RegExp][] = [
    ['{', /^is not JSON/],
    ['[]', /^is not a JSON object/],
    ['{"identities": {}}', /^identities is not a list/],
    [
      '{"identities": [{"namespace": "shop", "serviceAccount": "web"}, {"namespace": "shop"}]}',
      /^identities\[1\]/,
    ],
    ['{"identities": [null]}', /^identities\[0\]/],
  ];
  for (const [text, problem] of cases) {
    const parsed = parseContainerCredentialsConfig(text);
    assert.ok(!parsed.ok, text);
    assert.equal(parsed.fault.code, 'INVALID_CONTAINER_CREDENTIALS_CONFIG');
    assert.match(parsed.fault.problem, problem);
  }
});
