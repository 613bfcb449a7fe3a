import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { POD_PATH, podOf, SERVICE_ACCOUNT_PATH, withRole } from '../testing/doctor/doctor-cluster.ts';
import { type DoctorSite, startDoctorSite } from '../testing/doctor/doctor-site.ts';
import type { DoctorResult } from './render/for-programs.ts';

const KEY = 'iam.amazonaws.com/role';
const OPTIONS = ['--pod-role-annotation', KEY, '--base-role-arn', 'arn:aws:iam::111122223333:role/'];
const folder = await mkdtemp(join(tmpdir(), 'podrole-doctor-'));

let site: DoctorSite;
const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true })];
beforeEach(async () => {
  site = await startDoctorSite();
  stops.push(site.stop);
  const { metadata, ...pod } = withRole(podOf('web-0'));
  const annotations = { [KEY]: 'shop-web' };
  site.cluster.store(POD_PATH, { ...pod, metadata: { ...Object(metadata), annotations } });
  site.cluster.store(SERVICE_ACCOUNT_PATH, { metadata: { namespace: 'shop', name: 'web', uid: 'sa-1' } });
});
after(() => Promise.all(stops.map((stop) => stop())));

const doctor = (...args: string[]) => site.podrole('doctor', ...args, '-o', 'json');

async function judge(...args: string[]): Promise<DoctorResult['chains'][number]> {
  const { stdout, stderr } = await doctor('-n', 'shop', 'pod/web-0', ...args);
  assert.equal(stderr, '');
  const [chain] = (JSON.parse(stdout) as DoctorResult).chains;
  assert.ok(chain);
  return chain;
}

function rule(value: string): void {
  const metadata = { name: 'shop', annotations: { 'podrole.dev/allowed-roles': value } };
  site.cluster.store('/api/v1/namespaces/shop', { metadata });
}

test('a role that a pod names, by its name, and that its namespace allows', async () => {
  rule('arn:aws:iam::111122223333:role/shop-*');
  const { verdict, firstBroken } = await judge(...OPTIONS);
  assert.deepEqual([verdict, firstBroken], ['healthy', undefined]);
});

test('a refused role: the same finding from saved facts, without the options', async () => {
  rule('arn:aws:iam::111122223333:role/billing');
  const saved = join(folder, 'facts');
  const { stdout } = await doctor('-n', 'shop', 'pod/web-0', ...OPTIONS, '--save', saved);
  const [live] = (JSON.parse(stdout) as DoctorResult).chains;
  assert.equal(live?.firstBroken?.code, 'ROLE_NOT_IN_NAMESPACE_POLICY');
  const offline = await doctor('--offline', saved);
  assert.deepEqual((JSON.parse(offline.stdout) as DoctorResult).chains[0]?.firstBroken, live?.firstBroken);
});

test('a policy file: its rules, and its faults before anything is read', async () => {
  rule('*');
  const file = join(folder, 'policy.yaml');
  const head = 'apiVersion: podrole.dev/v1\nkind: RolePolicy\n';
  await writeFile(
    file,
    `${head}rules:\n- namespaces: [ops]\n  roles: ["arn:aws:iam::111122223333:role/*"]\n`,
  );
  const { firstBroken } = await judge(...OPTIONS, '--role-policy-file', file);
  assert.equal(firstBroken?.code, 'ROLE_NOT_IN_POLICY_FILE');
  await writeFile(file, `${head}rules:\n- namespace: [ops]\n`);
  const asked = site.cluster.requests.length;
  const faulty = await doctor('-n', 'shop', 'pod/web-0', '--role-policy-file', file);
  assert.match(faulty.stderr, /"INVALID_ROLE_POLICY","object":"\S+policy\.yaml:4 /);
  const missing = await doctor('-n', 'shop', 'pod/web-0', '--role-policy-file', join(folder, 'none.yaml'));
  assert.match(missing.stderr, /"UNREADABLE_FILE","object":"--role-policy-file \S+none\.yaml"/);
  assert.equal(site.cluster.requests.length, asked);
});

test('the ServiceAccount of a pod whose role it does not name: the remedy changes the trust only', async () => {
  rule('*');
  const role = site.iam.roles.get('shop-web');
  assert.ok(role);
  Object.assign(role, { trustPolicy: role.trustPolicy.replace('account:shop:', 'account:ops:') });
  const { firstBroken } = await judge(...OPTIONS);
  assert.equal(firstBroken?.link, 'trust-policy');
  assert.match(firstBroken?.remedy?.commands[0] ?? '', / --attach-role-arn \S+ --role-only --approve$/);
});
