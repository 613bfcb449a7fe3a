import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { useBindSite } from '../testing/bind/bind-site.ts';

const THUMBPRINT = ['--thumbprint', '990F4193972F2BECF12DDEDA5237F9C952F20D9E'];
const WEB = ['bind', '-n', 'shop', 'web', ...THUMBPRINT];

const site = useBindSite();

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  bind: [...WEB, '--attach-policy-arn', 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'],
  unbind: ['unbind', '-n', 'shop', 'web'],
  list: ['list', '-n', 'shop'],
  'provider ensure': ['provider', 'ensure', '--client-id', 'other', ...THUMBPRINT],
  'provider show': ['provider', 'show', ...THUMBPRINT],
  'provider delete': ['provider', 'delete', '--force'],
};

for (const [name, args] of Object.entries(COMMANDS)) {
  test(`-o json and -o yaml of ${name} mean the same`, async () => {
    const made = await site.podrole(...WEB, '--approve');
    assert.equal(made.exitCode, 0, made.stderr);
    const json = await site.podrole(...args, '-o', 'json');
    const yaml = await site.podrole(...args, '-o', 'yaml');
    assert.notEqual(json.stdout, '', json.stderr);
    assert.deepEqual(parse(yaml.stdout), JSON.parse(json.stdout));
    assert.doesNotMatch(yaml.stdout, /^[[{]/);
    assert.equal(yaml.stderr, json.stderr);
    assert.equal(yaml.exitCode, json.exitCode);
  });
}

test('the plan for programs has every change; what made it is not repeated on stdout', async () => {
  const plan = parse((await site.podrole(...WEB, '--approve', '-o', 'yaml')).stdout);
  assert.equal(plan.applied, true);
  assert.ok(plan.changes.length > 2);
});

for (const given of [
  ['-o', 'plan-json'],
  ['--output', 'plan-json'],
]) {
  test(`bind ${given.join(' ')} is answered with the new value`, async () => {
    const { exitCode, stdout, stderr } = await site.podrole(...WEB, ...given);
    assert.equal(exitCode, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /plan-json is now json/);
  });
}
