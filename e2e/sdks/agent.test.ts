import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { IAMClient } from '@aws-sdk/client-iam';
import { AGENT_TOKEN, SIDECAR_CREDENTIALS_PATH } from '../../lib/contract/podrole.ts';
import { ENV } from '../../lib/contract/sdk.ts';
import { clientOptions } from '../aws/aws-server.ts';
import { GATEWAY_PORT } from '../aws/ceph-config.ts';
import { createNamespace } from '../cluster/api-objects.ts';
import { startNodeCluster } from '../node/node-cluster.ts';
import { askingPodSpec } from '../setup/agent/agent-pods.ts';
import {
  type AgentProcess,
  createAgentAccount,
  keepRules,
  startAgent,
} from '../setup/agent/agent-process.ts';
import { onNode, sandboxOf } from '../setup/agent/asking-pods.ts';
import { ISSUER } from '../setup/aws/publisher.ts';
import { BUCKET, CONTENT, OBJECT, startTrustingRadosgw } from '../setup/aws/trusting-radosgw.ts';
import { createPod, createServiceAccount } from '../setup/pods/pods.ts';
import { waitForReady } from '../setup/pods/running-pods.ts';
import { installedSdks } from './installed.ts';
import { renderAgentPage, type SdkResult } from './results-page.ts';
import { createRole } from './role-on-radosgw.ts';
import { startClient } from './run-client.ts';
import { type Sdk, sdksIn } from './sdks.ts';

/**
 * Unmodified SDKs in the network of a pod, with `podrole agent` on its node: each gets an object from a
 * third-party server. To rewrite docs/sdks-agent.md, then look at the difference:
 *
 *     UPDATE_GOLDEN=1 e2e/run e2e/sdks/agent.test.ts
 */
const PAGE = new URL('../../docs/sdks-agent.md', import.meta.url);
/** Subject of the role. */
const [NAMESPACE, ACCOUNT] = ['shop', 'web'];

interface Mode {
  readonly mode: string;
  readonly heading: string;
  readonly imdsv2: 'optional' | 'required';
  readonly isByUri: boolean;
  /** Undefined: the page says who gets it. */
  readonly serves?: (sdk: Sdk) => boolean;
}

const MODES: readonly Mode[] = [
  { mode: 'metadata', heading: 'instance metadata', imdsv2: 'optional', isByUri: false, serves: () => true },
  { mode: 'uri', heading: '`…_RELATIVE_URI`', imdsv2: 'optional', isByUri: true, serves: () => true },
  {
    mode: 'metadata-required',
    heading: 'metadata, `--imdsv2 required`',
    imdsv2: 'required',
    isByUri: false,
    serves: ({ imds }) => imds === 'v2',
  },
  { mode: 'token', heading: '`…_RELATIVE_URI` with the token of the pod', imdsv2: 'required', isByUri: true },
];

const images = ['pause.tar', 'asker.tar'].map((file) =>
  path.join(process.env['PODROLE_E2E_IMAGES'] ?? '', file),
);
const cluster = await startNodeCluster({ issuer: ISSUER, images, podNetwork: { type: 'bridge' } });
after(() => cluster.stop());
const [node] = cluster.nodes;
assert.ok(node);
const { radosgw, file, stop } = await startTrustingRadosgw(cluster);
after(() => stop());
const roleArn = await createRole(new IAMClient(clientOptions(radosgw)), radosgw.account);
const gateway = `http://${cluster.address}:${GATEWAY_PORT}`;
await createNamespace(cluster, NAMESPACE);
await createServiceAccount(cluster, NAMESPACE, ACCOUNT);
await keepRules(node);
const agentToken = await createAgentAccount(cluster);
const collector = `${cluster.address}:1`;
const spec = askingPodSpec({ role: roleArn, collector, node: node.name, pauseMs: 5_000 });
const pod = await createPod(cluster, NAMESPACE, ACCOUNT, { spec });
await waitForReady(cluster, pod);
const { uid } = pod.metadata;
/** Executes a program of this machine in the network of the pod. */
const inPod = [...onNode(node), 'nsenter', `--target=${await sandboxOf(node, uid)}`, '--net', '--'];

/** Variables as the webhook writes them. Kubelet's folder stands for the mount in the pod. */
const BY_URI = {
  [ENV.containerCredentialsRelativeUri]: SIDECAR_CREDENTIALS_PATH,
  [ENV.containerAuthorizationTokenFile]: path.join(
    `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~projected`,
    AGENT_TOKEN.volumeName,
    AGENT_TOKEN.path,
  ),
};
const sdks = sdksIn(installedSdks(process.env['PODROLE_E2E_SDKS']));
const results: SdkResult[] = [];

for (const imdsv2 of ['optional', 'required'] as const) {
  describe(`with an agent to which IMDSv2 is ${imdsv2}`, () => {
    let agent: AgentProcess;
    test('the agent is ready', async () => {
      const flags = ['--imdsv2', imdsv2];
      agent = await startAgent(cluster, { node, sts: gateway, token: agentToken, file, flags });
    });
    for (const mode of MODES.filter((each) => each.imdsv2 === imdsv2)) {
      for (const sdk of sdks.filter(({ relativeUri }) => !mode.isByUri || relativeUri)) {
        test(`${mode.mode}: ${sdk.name}`, () => tryOut(sdk, mode));
      }
    }
    after(() => agent.stop('SIGKILL'));
  });
}

test('docs/sdks-agent.md equals the results', () => {
  const ordered = sdks.flatMap(({ name }) => results.filter(({ sdk }) => sdk === name));
  const page = renderAgentPage(MODES, ordered);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(PAGE, page);
  assert.equal(readFileSync(PAGE, 'utf8'), page);
});

async function tryOut(sdk: Sdk, { mode, isByUri, serves }: Mode): Promise<void> {
  const object = { endpoint: gateway, bucket: BUCKET, key: OBJECT };
  const client = await startClient(sdk, object, isByUri ? BY_URI : {}, inPod);
  await client.get();
  const { code, stdout, stderr } = await client.end();
  const got = code === 0 && stdout === CONTENT;
  results.push({ sdk: sdk.name, mode, got, requests: '' });
  if (serves) assert.equal(got, serves(sdk), `${stdout}${stderr}`);
}
