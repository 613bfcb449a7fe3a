import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { describeProfile } from './aws-profile.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-profile-'));
after(() => rmSync(folder, { recursive: true }));
const config = join(folder, 'config');
writeFileSync(
  config,
  '[default]\nregion = a\n[profile staging]\n  [profile "prod x"] # end\n[sso-session s]\n',
);
const credentials = join(folder, 'credentials');
writeFileSync(credentials, '[keys]\naws_access_key_id = a\n');
const missing = join(folder, 'missing');
const both = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };

const ROWS: readonly (readonly [name: string, env: Record<string, string>, expected: RegExp])[] = [
  [
    'unknown',
    { ...both, AWS_PROFILE: 'nope' },
    /^AWS_PROFILE is nope, which is not a profile in \S+credentials and \S+config$/,
  ],
  ['near miss', { ...both, AWS_PROFILE: 'stagin' }, /; did you mean staging\?$/],
  ['near miss in the credentials', { ...both, AWS_PROFILE: 'kays' }, /; did you mean keys\?$/],
  ['known', { ...both, AWS_PROFILE: 'staging' }, /^profile staging of AWS_PROFILE in /],
  ['known with a space', { ...both, AWS_PROFILE: 'prod x' }, /^profile prod x of AWS_PROFILE in /],
  [
    'no file',
    { AWS_CONFIG_FILE: missing, AWS_SHARED_CREDENTIALS_FILE: missing, AWS_PROFILE: 'a' },
    /missing \(not readable\) and /,
  ],
  ['a folder', { ...both, AWS_CONFIG_FILE: folder, AWS_PROFILE: 'a' }, /\(not readable\)/],
  [
    'in the home folder',
    { HOME: folder, AWS_PROFILE: 'a' },
    /\/\.aws\/credentials \(not readable\) and .*\/\.aws\/config /,
  ],
];

for (const [name, env, expected] of ROWS) {
  test(`profile: ${name}`, () => assert.match(describeProfile(env) ?? '', expected));
}

test('without AWS_PROFILE there is nothing to say', () => {
  assert.equal(describeProfile({ AWS_PROFILE: '' }), undefined);
  assert.equal(describeProfile({}), undefined);
});

test('control characters of a name are not printed', () => {
  const described = describeProfile({ ...both, AWS_PROFILE: 'a\u001b[31m' }) ?? '';
  assert.ok(!described.includes('\u001b'), described);
});
