import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useBindSite } from '../testing/bind/bind-site.ts';

const site = useBindSite();
const folder = mkdtempSync(join(tmpdir(), 'podrole-conditions-'));
after(() => rmSync(folder, { recursive: true }));

const WEB = ['bind', '-n', 'shop', 'web', '--thumbprint', 'a'.repeat(40)];
const VPC = ['--condition', 'StringEquals aws:SourceVpc=vpc-1,vpc-2'];
const OFFICE = ['--condition', 'IpAddress aws:SourceIp=203.0.113.0/24'];

const role = () => site.iam.roles.get('shop-web') ?? assert.fail('there is no role');
const statements = () => JSON.parse(role().trustPolicy).Statement;
const conditionOf = () => statements()[0].Condition;

test('conditions are added once, stay when they are not given, and go when that is said', async () => {
  await done(...WEB, ...VPC, '--approve');
  assert.deepEqual(conditionOf().StringEquals['aws:SourceVpc'], ['vpc-1', 'vpc-2']);
  await done(...WEB, ...VPC, '--exit-code');
  const bare = await done(...WEB, '--exit-code');
  assert.match(
    bare,
    /^note: .*keeps conditions that this run does not ask for: StringEquals aws:SourceVpc=vpc-1,vpc-2/,
  );
  await done(...WEB, '--also-issuer', 'https://oidc.example.test/two', '--approve');
  assert.deepEqual(conditionOf().StringEquals['aws:SourceVpc'], ['vpc-1', 'vpc-2']);
  await done(...WEB, ...OFFICE, '--approve');
  assert.deepEqual(Object.keys(conditionOf()).sort(), ['IpAddress', 'StringEquals']);
  await done(...WEB, '--condition', 'StringEquals aws:SourceVpc=vpc-3', '--approve');
  assert.deepEqual(conditionOf().StringEquals['aws:SourceVpc'], 'vpc-3');
  assert.match(
    await done(...WEB, ...OFFICE, '--widen-trust', '--approve'),
    /^note: .*WIDENED: .*aws:SourceVpc=vpc-3$/m,
  );
  assert.equal(conditionOf().StringEquals['aws:SourceVpc'], undefined);
  assert.equal(conditionOf().IpAddress['aws:SourceIp'], '203.0.113.0/24');
  await done(...WEB, '--widen-trust', '--approve');
  assert.deepEqual(Object.keys(conditionOf()), ['StringEquals']);
});

test('a statement of others under conditions gets no second one beside it', async () => {
  await done(...WEB, ...OFFICE, '--approve');
  const [own] = statements();
  role().trustPolicy = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...own, Sid: 'Office' }] });
  const plan = await done(...WEB, '--exit-code');
  assert.match(plan, /^note: .*Office of its trust policy lets in .* only under conditions/);
  assert.equal(statements().length, 1);
  const { exitCode, stdout } = await site.podrole(...WEB, ...VPC, '--approve');
  assert.equal(exitCode, 3);
  assert.match(stdout, /^not done: .* has the conditions that you ask for$/m);
  await done(...WEB, '--widen-trust', '--approve');
  assert.equal(statements().length, 2);
});

test('a statement that was changed to a Deny stays one, and the run says that it is not done', async () => {
  await done(...WEB, '--approve');
  const [own] = statements();
  role().trustPolicy = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...own, Effect: 'Deny' }] });
  for (const flag of ['--approve', '--exit-code']) {
    const { exitCode, stdout } = await site.podrole(...WEB, flag);
    assert.equal(exitCode, 3);
    assert.match(stdout, /^not done: .*was changed to a Deny; give --widen-trust to change it back$/m);
  }
  assert.equal(statements()[0].Effect, 'Deny');
  assert.equal((await site.podrole(...WEB)).exitCode, 0);
});

test('a new role whose conditions let nobody in is not done, as in the next run', async () => {
  for (const flag of ['--approve', '--exit-code']) {
    const past = ['--condition', 'DateLessThan aws:CurrentTime=2020-01-01T00:00:00Z'];
    const { exitCode, stdout } = await site.podrole(...WEB, ...past, flag);
    assert.equal(exitCode, 3);
    assert.match(stdout, /^not done: role shop-web: the trust policy does not let in .*DateLessThan/m);
  }
  assert.deepEqual(Object.keys(conditionOf()).sort(), ['DateLessThan', 'StringEquals']);
});

test("the ServiceAccount's own audience is kept by a run that does not give one", async () => {
  const annotations = { 'eks.amazonaws.com/audience': 'vault' };
  site.cluster.put({ metadata: { namespace: 'shop', name: 'web', annotations } });
  await done(...WEB, '--approve');
  assert.equal(conditionOf().StringEquals['oidc.example.test/one:aud'], 'vault');
  const [provider] = site.iam.providers.values();
  assert.deepEqual([...(provider?.clientIds ?? [])], ['vault']);
  await done(...WEB, '--also-issuer', 'https://oidc.example.test/two', '--approve');
  await done(...WEB, '--exit-code');
  await done(...WEB, '--token-audience', 'other', '--approve');
  assert.equal(conditionOf().StringEquals['oidc.example.test/one:aud'], 'other');
});

test('a bindings file and every export have conditions', async () => {
  const file = join(folder, 'bindings.yaml');
  const conditions = { StringEquals: { 'aws:SourceVpc': ['vpc-1'] }, Bool: { 'aws:SecureTransport': true } };
  const bindings = [{ namespace: 'shop', serviceAccount: 'web', conditions }];
  writeFileSync(file, JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings }));
  for (const format of ['terraform', 'cloudformation', 'aws-cli']) {
    const text = await done('bind', '-f', file, '--partition', 'aws', '-o', format);
    assert.match(text, /aws:SourceVpc.*vpc-1/, format);
    assert.match(text, /aws:SecureTransport.*true/, format);
  }
  await done('bind', '-f', file, '--thumbprint', 'a'.repeat(40), '--approve');
  await done('bind', '-f', file, '--exit-code');
  assert.equal(conditionOf().Bool['aws:SecureTransport'], 'true');
});

test('a condition that cannot work is refused before anything is asked', async () => {
  const asked = site.iam.writes().length;
  for (const [condition, problem] of [
    ['aws:SourceVpc=vpc-1', /--condition: holds "aws:SourceVpc=vpc-1"/],
    ['StringEquals oidc.example.test/one:sub=a', /would replace podrole's own/],
    ['StringEqual aws:SourceVpc=vpc-1', /is not a condition operator/],
  ] as const) {
    const { exitCode, stderr } = await site.podrole(...WEB, '--condition', condition);
    assert.notEqual(exitCode, 0);
    assert.match(stderr, problem);
  }
  const long = Array.from({ length: 200 }, (_, at) => `vpc-0123456789abcde${at}`).join(',');
  assert.match(
    (await site.podrole(...WEB, '--condition', `StringEquals aws:SourceVpc=${long}`)).stderr,
    /TRUST_POLICY_TOO_LONG/,
  );
  assert.equal(site.iam.writes().length, asked);
});

async function done(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await site.podrole(...args);
  assert.equal(exitCode, 0, `${stdout}${stderr}`);
  return stdout;
}
