import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { NEVER_ABORTED } from '../../lib/never-aborted.ts';
import { startExecServer } from '../../testing/kubernetes/exec-server.ts';
import { migrationModel } from '../../testing/migrate/model.ts';
import { Collector } from '../../testing/processes/collector.ts';
import type { MigratedWorkload, MigrationModel } from '../model.ts';
import { agreeToProbe, probeModel } from './run-probe.ts';

const progress = { show: () => {}, clear: () => {} };

/** Answers at a terminal; undefined: stdin is not one. */
function terminal(answer: string | undefined) {
  const stdin = Object.assign(Readable.from(answer === undefined ? [] : [`${answer}\n`]), {
    isTTY: answer !== undefined,
  });
  return { stdin, stderr: new Collector(), signal: NEVER_ABORTED, progress };
}

for (const [name, yes, answer, isAgreed] of [
  ['--yes', true, undefined, true],
  ['a yes', false, 'y', true],
  ['a no', false, 'n', false],
  ['only Enter', false, '', false],
  ['nobody who can answer', false, undefined, false],
] as const) {
  test(`a probe needs consent: ${name}`, async () => {
    const asked = agreeToProbe({ yes, namespace: 'shop' }, terminal(answer));
    if (isAgreed) await asked;
    else await assert.rejects(asked, { code: 'NOT_CONFIRMED' });
  });
}

const WORKLOAD = {
  namespace: 'shop',
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'web',
  annotatedIn: 'template',
  pods: ['web-1'],
  serviceAccount: 'web',
  newServiceAccount: undefined,
  given: 'shop-web',
  roleArn: 'arn:aws:iam::111122223333:role/shop-web',
  sessionName: undefined,
  externalId: undefined,
  refused: undefined,
  servedBy: 'old proxy',
  needs: 'unknown',
  sdks: [],
} as const satisfies MigratedWorkload;

const MODEL: MigrationModel = {
  ...migrationModel(),
  from: 'kube2iam',
  collectedAt: '2026-11-30T02:00:00.000Z',
  issuer: undefined,
  proxyRoleArn: undefined,
  workloads: [WORKLOAD, { ...WORKLOAD, name: 'idle', pods: [] }],
  roles: [],
  splits: [],
  findings: [
    { weight: 'breaks', object: 'Pod shop/x', text: 'breaks', remedy: 'fix it' },
    { weight: 'note', object: 'Pod shop/y', text: 'is noted', remedy: 'read it' },
  ],
  unread: [],
};

test('a plan gets the SDKs of its workloads, and findings in their order', async () => {
  const running = [{ name: 'app', state: { running: {} } }];
  const server = await startExecServer(() => ({ status: { containerStatuses: running } }));
  server.answer = () => ({ stdout: 'file\t/a/boto-2.49.0.dist-info\nend\n' });
  try {
    const choice = { kubeconfig: undefined, kubeApi: server.url };
    const { workloads, findings } = await probeModel(MODEL, choice, {
      env: {},
      signal: NEVER_ABORTED,
      progress,
    });
    const [web, idle] = workloads;
    assert.deepEqual([web?.needs, web?.sidecarMode, web?.sdks], ['sidecar', 'metadata', ['boto 2.49.0']]);
    assert.deepEqual([idle?.needs, idle?.sidecarMode, idle?.sdks], ['unknown', undefined, []]);
    assert.deepEqual(
      findings.map(({ weight, object }) => `${weight} ${object}`),
      ['breaks Pod shop/x', 'decide Deployment shop/web', 'note Deployment shop/idle', 'note Pod shop/y'],
    );
    assert.match(findings[1]?.remedy ?? '', /podrole.dev\/sidecar: metadata/);
  } finally {
    await server.stop();
  }
});
