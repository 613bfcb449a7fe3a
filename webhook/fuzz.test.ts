import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { memoryOf } from '../bench/memory.ts';
import { admit, type Pod } from '../testing/admission/admission.ts';
import { type MalformedRequest, malformedRequest } from '../testing/admission/malformed-review.ts';
import { createAuthority } from '../testing/certificates/certificates.ts';
import { startPodrole } from '../testing/processes/server-process.ts';

const REQUESTS = 100_000;
const CONNECTIONS = 16;
/** Statuses that blame the request; anything else but 200 would be the server's own fault. */
const REFUSALS = new Set([400, 404, 405, 413, 415]);
/**
 * The heap is still growing to its working size in the first half, the longer the busier the machine is;
 * after that it may breathe, not grow.
 */
const WARM_UP = REQUESTS / 2;
const BREATHING_MIB = 32;

const folder = mkdtempSync(join(tmpdir(), 'podrole-fuzz-'));
after(() => rmSync(folder, { recursive: true }));

const pod: Pod = {
  metadata: { namespace: 'shop', name: 'web' },
  spec: {
    serviceAccountName: 'web',
    containers: [
      { name: 'app', env: [{ name: 'A', value: 'b' }], volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    ],
    volumes: [{ name: 'v' }],
  },
};

test(`${REQUESTS} malformed reviews: no crash, no 5xx, memory flat`, async (t) => {
  const authority = await createAuthority('fuzz');
  const pair = await authority.issue(['localhost', '127.0.0.1']);
  for (const [name, content] of Object.entries(pair)) writeFileSync(join(folder, name), content);
  const accounts = fileURLToPath(new URL('../examples/serviceaccounts.yaml', import.meta.url));
  const webhook = await startPodrole(
    [
      ...[
        'webhook',
        '--tls-cert',
        join(folder, 'cert'),
        '--tls-key',
        join(folder, 'key'),
        '--service-accounts',
        accounts,
      ],
      ...['--port', '0', '--metrics-port', '0'],
    ],
    // Else V8 widens its young generation under load, which looks like a leak.
    { from: 'bundle', nodeArgs: ['--max-semi-space-size=4'] },
  );
  // A process that stays would keep the whole run waiting.
  t.after(() => webhook.stop('SIGKILL'));
  const port = Number(webhook.listening['port']);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS,
    ca: authority.cert,
    servername: 'localhost',
  });
  const requests = endless(malformedRequest(pod));
  let sent = 0;
  let warm: number | undefined;
  const worker = async () => {
    while (sent < REQUESTS) {
      sent += 1;
      if (sent === WARM_UP) warm = memoryOf(webhook.pid)?.privateMiB;
      const malformed = requests.next().value;
      const { status, body } = await send(malformed, port, agent);
      const sentBody = malformed.body.toString('latin1').slice(0, 2_000);
      const request = `${malformed.method} ${malformed.target} ${malformed.contentType} ${sentBody}`;
      if (status === 200) assert.ok(isAnswer(JSON.parse(body)), `${request}\nwas answered with ${body}`);
      else assert.ok(REFUSALS.has(status), `${request}\nwas answered with ${status} ${body}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();

  const final = memoryOf(webhook.pid)?.privateMiB;
  t.diagnostic(`private memory: ${warm} MiB after ${WARM_UP} requests, ${final} MiB at the end`);
  if (warm !== undefined && final !== undefined)
    assert.ok(final - warm < BREATHING_MIB, `grew from ${warm} to ${final} MiB`);
  assert.notEqual(await admit(pod, port, authority.cert), pod, 'a good pod is still patched');
  assert.equal(await webhook.stop(), 0);
});

/** The same sequence in each run, made in portions so that it need not be held as a whole. */
function* endless<T>(arbitrary: fc.Arbitrary<T>): Generator<T, never> {
  for (let seed = 1; ; seed += 1) yield* fc.sample(arbitrary, { seed, numRuns: 1_000 });
}

async function send(
  { method, target, contentType, body }: MalformedRequest,
  port: number,
  agent: Agent,
): Promise<{ status: number; body: string }> {
  // Node frames no body of a GET or DELETE by itself.
  const headers = { 'Content-Length': body.length, ...(contentType ? { 'Content-Type': contentType } : {}) };
  const outgoing = request({ host: '127.0.0.1', port, path: target, method, agent, headers });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  return { status: incoming.statusCode, body: await text(incoming) };
}

function isAnswer(answer: unknown): boolean {
  const { kind, response } = answer as { kind?: unknown; response?: { uid?: unknown; allowed?: unknown } };
  return (
    kind === 'AdmissionReview' && typeof response?.uid === 'string' && typeof response.allowed === 'boolean'
  );
}
