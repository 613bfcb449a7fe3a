import { SIDECAR_CREDENTIALS_PATH } from '../lib/contract/podrole.ts';
import { drain } from '../lib/http/serve.ts';
import { podLikeAddresses, startAgentNode } from '../testing/agent/agent-node.ts';
import { CONTAINER_HOST, METADATA_HOST } from '../testing/agent/ask-agent.ts';
import { launchOf } from '../testing/processes/image-launcher.ts';
import { startServer } from '../testing/processes/server-process.ts';
import type { BenchRun, Started } from './bench-run.ts';
import { memoryOf } from './memory.ts';
import { describeMemory, describeTurns } from './report.ts';
import { measureInTurns } from './rounds.ts';
import { startStsStandIn } from './servers/sts-stand-in.ts';
import { METADATA_PATH, startSidecar } from './sidecar.ts';

const ROLE_PATH = '/latest/meta-data/iam/security-credentials/web';
/** Pods of the node. All but one only take part in the decision about it. */
const PODS = 110;

/**
 * Measures the agent with cached sessions beside the sidecar and a bare HTTP server. The pod that asks has an
 * address of this machine, since no pod has one of loopback; without one, only tokens are measured.
 */
export async function measureAgent(run: BenchRun): Promise<void> {
  const { start, print } = run;
  print(`Agent: cached credentials over keep-alive HTTP, on a node with ${PODS} pods.\n`);
  const sts = await startStsStandIn();
  const node = await startAgentNode();
  try {
    const address = podLikeAddresses().find((one) => !one.includes(':'));
    node.start({ name: 'web', addresses: address === undefined ? [] : [address] });
    for (let count = 1; count < PODS; count += 1) {
      node.start({ name: `pod-${count}`, addresses: [`10.99.0.${count}`] });
    }
    const bare = await start(() => startServer(new URL('./servers/bare-http.ts', import.meta.url), []));
    const sidecar = await startSidecar(run, sts.url);
    const agent = await start(() =>
      startServer(
        new URL('../dist/podrole.js', import.meta.url),
        ['agent', '--port', '0', '--metrics-port', '0', '--shutdown-delay', '0'],
        { env: { NODE_ENV: 'production', ...node.env(sts.url) }, nodeArgs: launchOf('agent').options },
      ),
    );
    const at = ({ port }: Started, path: string, host = '127.0.0.1') =>
      new URL(path, `http://${host}:${port}`);
    const token = await node.token('web');
    const byAddress = [
      {
        title: 'podrole agent, instance metadata by address',
        url: at(agent, ROLE_PATH, address),
        headers: { Host: METADATA_HOST.host },
      },
      {
        title: 'podrole agent, container credentials by address',
        url: at(agent, SIDECAR_CREDENTIALS_PATH, address),
        headers: { Host: CONTAINER_HOST.host },
      },
    ];
    const contestants = [
      { title: 'bare HTTP server', url: at(bare, '/') },
      { title: 'podrole sidecar, instance metadata', url: at(sidecar, METADATA_PATH) },
      ...(address === undefined ? [] : byAddress),
      {
        title: 'podrole agent, container credentials by token',
        url: at(agent, SIDECAR_CREDENTIALS_PATH),
        headers: { Host: CONTAINER_HOST.host, Authorization: token },
      },
    ];
    const measured = await measureInTurns(contestants);
    print(describeTurns(contestants, measured));
    print('podrole agent');
    print(describeMemory('at rest', agent.atRest));
    print(describeMemory('after the load', memoryOf(agent.pid)));
    print('');
  } finally {
    await node.close();
    await drain(sts.server, 0);
  }
}
