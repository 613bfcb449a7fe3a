import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainFacts } from '../../testing/doctor/chain-facts.ts';
import { finding } from '../../testing/doctor/finding.ts';
import { onSameCluster } from './same-cluster.ts';

const NONE = { context: undefined, kubeconfig: undefined, kubeApi: undefined };

function changed(command: string, flags: Partial<Record<keyof typeof NONE, string>>): string | undefined {
  const broken = finding('pod', 'broken', { remedy: { text: 'repair it', commands: [command] } });
  const findings = [finding('webhook', 'ok'), broken];
  const chain = { facts: chainFacts(), findings, verdict: 'broken', firstBroken: broken } as const;
  const result = onSameCluster(chain, { ...NONE, ...flags });
  assert.equal(result.firstBroken, result.findings[1]);
  return result.firstBroken?.remedy?.commands[0];
}

const PROD = { context: 'prod' };
const CASES: readonly (readonly [command: string, flags: Parameters<typeof changed>[1], result: string])[] = [
  ['podrole bind -n shop web --approve', {}, 'podrole bind -n shop web --approve'],
  ['podrole bind -n shop web --approve', PROD, 'podrole bind --context prod -n shop web --approve'],
  ['podrole provider ensure --approve', PROD, 'podrole provider ensure --context prod --approve'],
  ['podrole up', PROD, 'podrole up --context prod'],
  ['podrole keys create --out pki', PROD, 'podrole keys create --out pki'],
  ['kubectl -n shop delete pod web-0', PROD, 'kubectl --context prod -n shop delete pod web-0'],
  [
    'kubectl get x | kubectl apply -f -',
    PROD,
    'kubectl --context prod get x | kubectl --context prod apply -f -',
  ],
  [
    'kubectl annotate sa x=$(podrole list)',
    PROD,
    'kubectl --context prod annotate sa x=$(podrole list --context prod)',
  ],
  ['aws iam get-role --role-name kubectl', PROD, 'aws iam get-role --role-name kubectl'],
  [
    "kubectl -n shop annotate sa web 'x=a;kubectl b' | kubectl c",
    { context: "it's" },
    "kubectl --context 'it'\\''s' -n shop annotate sa web 'x=a;kubectl b' | kubectl --context 'it'\\''s' c",
  ],
  [
    "podrole bind 'it'\\''s; podrole up' web; podrole up",
    PROD,
    "podrole bind --context prod 'it'\\''s; podrole up' web; podrole up --context prod",
  ],
  [
    'podrole up',
    { context: "it's", kubeconfig: '/a b' },
    "podrole up --context 'it'\\''s' --kubeconfig '/a b'",
  ],
  ['podrole up', { kubeApi: 'https://k.test' }, 'podrole up --kube-api https://k.test'],
  ['kubectl get pods', { kubeApi: 'https://k.test' }, 'kubectl --server https://k.test get pods'],
];
for (const [command, flags, result] of CASES) {
  test(`${command} with ${JSON.stringify(flags)}`, () => {
    assert.equal(changed(command, flags), result);
  });
}
