/** `make demo`: the path of a token through the real pieces of podrole, with a local STS in place of AWS. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../lib/errors.ts';
import type { Pod } from '../../testing/admission.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { readPod, readServiceAccounts } from './documents.ts';
import { type Ending, environmentOf, project, projectionOf, runPod } from './kubelet.ts';
import { createNarrator } from './narrator.ts';

const narrator = createNarrator(process.stdout);
const startedMs = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'podrole-demo-'));
let cluster: Cluster | undefined;
try {
  narrator.title(
    'The path of a token: issuer, webhook and STS run as processes on this machine, AWS is not asked.',
  );
  cluster = await startCluster(folder);
  await walk(cluster);
  narrator.done(`Every stop holds. (${((performance.now() - startedMs) / 1_000).toFixed(1)} s)`);
} catch (thrown) {
  process.stderr.write(`\nThe demo stopped here: ${messageOf(thrown)}\n`);
  process.exitCode = 1;
} finally {
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function walk({ issuer, admit, stsVariables, stsDecision }: Cluster): Promise<void> {
  const [web, batch] = readServiceAccounts();
  if (!web || !batch) throw new Error('examples/serviceaccounts.yaml must hold two ServiceAccounts');
  const original = readPod();

  narrator.stop(
    1,
    'bind',
    `ServiceAccount ${web.metadata.namespace}/${web.metadata.name} is annotated with its role`,
  );
  for (const [key, value] of Object.entries(web.metadata.annotations)) narrator.detail(`${key}: ${value}`);

  narrator.stop(
    2,
    'admit',
    `the webhook patches pod ${original.metadata.namespace}/${original.metadata.name}`,
  );
  const pod = await admit(original);
  for (const [name, value] of Object.entries(environmentOf(pod))) narrator.detail(`env ${name}=${value}`);

  const first = await projectToken(pod, original);
  narrator.stop(3, 'project', 'the token is written where the patch says, as kubelet would');
  narrator.detail(
    `${first.file}\nfor ${first.subject}, audience ${first.audience}, ${first.expirationSeconds} s`,
  );

  const granted = await runPod(pod, { ...environmentOf(pod), ...stsVariables });
  narrator.stop(
    4,
    'exchange',
    `the pod runs: ${pod.spec.containers[0]?.command?.join(' ')}, an AWS SDK as it comes`,
  );
  narrator.detail(granted.stdout || granted.stderr);
  expect(granted.exitCode === 0, 'the pod should have got its role');

  narrator.stop(5, 'verify', 'to check the token, STS fetched from the issuer');
  for (const path of issuer.fetched) narrator.detail(`${issuer.url}${path}`);
  expect(issuer.fetched.length > 0, 'STS should have fetched the issuer documents');

  narrator.stop(
    6,
    'explain',
    `ServiceAccount ${batch.metadata.namespace}/${batch.metadata.name} asks for the same role`,
  );
  const refused = await runAs(batch.metadata.name, { admit, stsVariables, original });
  narrator.detail(refused.stderr || refused.stdout);
  expect(refused.exitCode !== 0, 'a ServiceAccount that the role does not trust got it');
  narrator.detail(await stsDecision());

  async function runAs(
    name: string,
    { admit, stsVariables, original }: Pick<Cluster, 'admit' | 'stsVariables'> & { original: Pod },
  ): Promise<Ending> {
    const other = await admit({
      ...original,
      metadata: { ...original.metadata, name },
      spec: { ...original.spec, serviceAccountName: name },
    });
    await projectToken(other, other);
    return runPod(other, { ...environmentOf(other), ...stsVariables });
  }

  async function projectToken(pod: Pod, { metadata, spec }: Pod) {
    const projection = projectionOf(pod);
    if (!projection) throw new Error('the webhook gave the pod no token volume');
    const subject = `system:serviceaccount:${metadata.namespace}:${spec.serviceAccountName}`;
    await project(await issuer.mint(subject, projection.audience, projection.expirationSeconds), projection);
    return { ...projection, subject };
  }
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
