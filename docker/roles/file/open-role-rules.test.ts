import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../../lib/settings/settings.ts';
import { collectLog } from '../../../testing/processes/collected-log.ts';
import { dockerSettings } from '../../settings.ts';
import { openRoleRules } from './open-role-rules.ts';

const BASE = 'arn:aws:iam::111122223333:role/';

function rulesOf(given: Readonly<Record<string, string>>) {
  const settings = readSettings(dockerSettings, { region: 'eu-central-1', ...given }, {});
  const open = openRoleRules(settings, collectLog().logger);
  open.close();
  return open.rules();
}

test('without settings, no container gets a role', () => {
  assert.deepEqual(rulesOf({}), { file: [], allow: [], defaultRole: undefined, baseRoleArn: undefined });
});

test('the default role is completed', () => {
  assert.equal(rulesOf({ defaultRole: 'd', baseRoleArn: BASE }).defaultRole?.arn, `${BASE}d`);
  assert.equal(rulesOf({ defaultRole: `${BASE}d`, allow: `${BASE}?` }).defaultRole?.arn, `${BASE}d`);
});

for (const [given, problem] of [
  [{ defaultRole: 'd' }, /^PodroleError: --default-role: names a role without its account/],
  [
    { defaultRole: 'a b', baseRoleArn: BASE },
    /^PodroleError: --default-role: is not the name or ARN of a role/,
  ],
  [
    { defaultRole: `${BASE}d`, allow: `${BASE}app-*` },
    /^PodroleError: --default-role: .* no pattern of --allow/,
  ],
  [{ allow: 'app-*' }, /^PodroleError: --allow: is "app-\*", must be patterns of role ARNs/],
  [{ allow: 'arn:a b' }, /^PodroleError: --allow: .* must be patterns of role ARNs/],
  [{ allow: `arn:${'a'.repeat(1_024)}` }, /must be patterns of role ARNs/],
  [{ allow: '' }, /^PodroleError: --allow: is given but empty/],
  [{ allow: ',' }, /^PodroleError: --allow: .* must be patterns of role ARNs/],
  [{ allow: 'arn:*,'.repeat(101) }, /must be patterns of role ARNs/],
  [{ baseRoleArn: 'role/' }, /^PodroleError: --base-role-arn: /],
] as const) {
  test(`refused: ${JSON.stringify(given).slice(0, 70)}`, () => {
    assert.throws(() => rulesOf(given), problem);
  });
}

test('AWS_WEB_IDENTITY_TOKEN_FILE, which is a credential of the host, is not --token-file', () => {
  const env = {
    AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
    AWS_REGION: 'eu-central-1',
    DOCKER_HOST: 'unix:///docker',
  };
  const { tokenFile, dockerHost } = readSettings(dockerSettings, {}, env);
  assert.deepEqual([tokenFile, dockerHost], [undefined, 'unix:///docker']);
  assert.equal(readSettings(dockerSettings, {}, { ...env, PODROLE_TOKEN_FILE: '/own' }).tokenFile, '/own');
});
