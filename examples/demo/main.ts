/** `make demo`: the path of a token through the real pieces of podrole, with a local STS in place of AWS. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import type { Pod } from '../../testing/admission/admission.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { readPod, readServiceAccounts, readStsConfig } from './documents.ts';
import { createPod, runCommand } from './kubelet.ts';
import { createNarrator } from './narrator.ts';

const narrator = createNarrator(process.stdout);
const startedMs = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'podrole-demo-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
let cluster: Cluster | undefined;
try {
  narrator.title(
    'The path of a token: issuer, webhook and STS run on this machine; AWS receives no request.',
  );
  cluster = await startCluster(folder);
  await walk(cluster);
  narrator.done(`Every stop holds. (${((performance.now() - startedMs) / 1_000).toFixed(1)} s)`);
} catch (thrown) {
  process.stderr.write(`\nThe demo stopped here: ${messageOf(thrown)}\n`);
  process.exitCode = 1;
} finally {
  await cluster?.stop();
}
// Some of the parts may have started, and would keep this process alive; they end with it.
if (!cluster) process.exit();

async function walk(cluster: Cluster): Promise<void> {
  const [web, batch] = readServiceAccounts();
  if (!web || !batch) throw new Error('examples/serviceaccounts.yaml must hold two ServiceAccounts');
  const manifest = readPod();

  narrator.stop(1, 'bind', `ServiceAccount ${describe(web.metadata)} is annotated with its role`);
  for (const [key, value] of Object.entries(web.metadata.annotations)) narrator.detail(`${key}: ${value}`);
  narrator.detail('the trust policy of the role requires');
  for (const [key, value] of Object.entries(trustConditions())) narrator.detail(`${key} = ${value}`);

  narrator.stop(2, 'admit', `the webhook patches pod ${describe(manifest.metadata)}`);
  const pod = await createPod(cluster, manifest);
  for (const [name, value] of Object.entries(pod.environment)) narrator.detail(`env ${name}=${value}`);

  narrator.stop(3, 'project', 'the token is written to the path in the patch, as kubelet does');
  const { file, audience, expirationSeconds } = pod.projection;
  narrator.detail(`${file}\nfor ${pod.subject}, audience ${audience}, ${expirationSeconds} s`);

  narrator.stop(4, 'exchange', `the pod's command runs: ${pod.command.join(' ')}, an unmodified AWS SDK`);
  const granted = await runCommand(pod, cluster.stsVariables);
  narrator.detail(granted.stdout || granted.stderr);
  expect(granted.exitCode === 0, 'the pod did not get its role');

  narrator.stop(5, 'verify', 'to verify the token, STS fetched from the issuer');
  for (const path of cluster.issuer.fetched) narrator.detail(`${cluster.issuer.url}${path}`);
  expect(cluster.issuer.fetched.length > 0, 'STS should have fetched the documents of the issuer');

  narrator.stop(6, 'explain', `ServiceAccount ${describe(batch.metadata)} requests the same role`);
  const other = await createPod(cluster, asServiceAccount(manifest, batch.metadata.name));
  const refused = await runCommand(other, cluster.stsVariables);
  narrator.detail(refused.stderr || refused.stdout);
  expect(refused.exitCode !== 0, 'a ServiceAccount that the role does not trust got the role');
  narrator.detail(await cluster.stsDecision());
}

function trustConditions(): Readonly<Record<string, string>> {
  return readStsConfig().roles[0]?.trustPolicy.Statement[0]?.Condition.StringEquals ?? {};
}

/** Returns the same pod with another ServiceAccount. */
function asServiceAccount(pod: Pod, serviceAccountName: string): Pod {
  return {
    ...pod,
    metadata: { ...pod.metadata, name: serviceAccountName },
    spec: { ...pod.spec, serviceAccountName },
  };
}

function describe({ namespace, name }: Pod['metadata']): string {
  return `${namespace}/${name}`;
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
