import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BARE_POD,
  DENIED,
  healthyChain,
  POD,
  SERVICE_ACCOUNT,
} from '../../../testing/doctor/cluster-facts.ts';
import { ROLE } from '../../../testing/doctor/doctor-cluster.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { commandsOf, verdictOf } from '../../../testing/doctor/verdict.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import { annotation } from './annotation.ts';

const ROLE_KEY = 'eks.amazonaws.com/role-arn';
const KUBE2IAM = 'iam.amazonaws.com/role';

/** A chain without a role, whose ServiceAccount and pod have these annotations. */
function without(
  annotations: Readonly<Record<string, string>>,
  onPod: Readonly<Record<string, string>> = {},
  given: Partial<ChainFacts> = {},
): ChainFacts {
  const pod: PodFacts = { ...BARE_POD, annotations: onPod };
  const { grant: _, ...chain } = healthyChain({
    serviceAccount: read({ ...SERVICE_ACCOUNT, annotations }),
    pod: read(pod),
    dryRun: read({ pod: BARE_POD, warnings: [] }),
  });
  return { ...chain, ...given };
}

function withAgents(chain: ChainFacts, kind: 'kube2iam' | 'kiam'): ChainFacts {
  const agent = {
    kind,
    namespace: 'kube-system',
    name: kind,
    desired: 1,
    ready: 1,
    onNode: 'ready',
  } as const;
  return { ...chain, cluster: { ...chain.cluster, nodeAgents: read([agent]) } };
}

const podIdentity: PodFacts = {
  ...BARE_POD,
  containers: BARE_POD.containers.map((container) => ({
    ...container,
    env: [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/' }],
  })),
};

const CASES: readonly (readonly [what: string, chain: ChainFacts, verdict: string])[] = [
  ['a role', healthyChain(), 'ok'],
  ['no ServiceAccount', healthyChain({ serviceAccount: ABSENT }), 'broken SERVICE_ACCOUNT_GONE'],
  [
    'a ServiceAccount that may not be read, and a pod with a role',
    healthyChain({ serviceAccount: DENIED }),
    'ok',
  ],
  [
    'a ServiceAccount that may not be read, and nothing else',
    { ...without({}), cluster: { ...without({}).cluster, serviceAccount: DENIED } },
    'unknown',
  ],
  ['no annotation', without({}), 'broken NO_ANNOTATION'],
  ['an empty annotation', without({ [ROLE_KEY]: '' }), 'broken NO_ANNOTATION'],
  ['eks.amazon.com', without({ 'eks.amazon.com/role-arn': ROLE }), 'broken MISSPELT_ANNOTATION'],
  ['rolearn', without({ 'eks.amazonaws.com/rolearn': ROLE }), 'broken MISSPELT_ANNOTATION'],
  ['the other prefix', without({ 'podrole.dev/role-arn': ROLE }), 'broken MISSPELT_ANNOTATION'],
  ['a misspelt other annotation', without({ 'eks.amazon.com/audience': 'x' }), 'broken NO_ANNOTATION'],
  ['the annotation on the pod', without({}, { [ROLE_KEY]: ROLE }), 'broken ANNOTATION_ON_POD'],
  ['a misspelt one on the pod', without({}, { 'eks.amazon.com/role-arn': ROLE }), 'broken ANNOTATION_ON_POD'],
  ['a name only', without({ [ROLE_KEY]: 'shop-web' }), 'broken MALFORMED_ROLE_ARN'],
  ['white space', without({ [ROLE_KEY]: `${ROLE} ` }), 'broken MALFORMED_ROLE_ARN'],
  [
    'an ARN of a user',
    without({ [ROLE_KEY]: 'arn:aws:iam::111122223333:user/a' }),
    'broken MALFORMED_ROLE_ARN',
  ],
  [
    'unclear container roles',
    without({ 'podrole.dev/container-roles': 'fluentd' }),
    'broken MALFORMED_CONTAINER_ROLES',
  ],
  [
    'the malformed role of one container',
    without({ [ROLE_KEY]: ROLE, 'podrole.dev/container-roles': 'logs=x' }, {}, { container: 'logs' }),
    'broken MALFORMED_CONTAINER_ROLES',
  ],
  [
    'an account of eleven digits',
    healthyChain(
      {},
      { grant: { roleArn: 'arn:aws:iam::11112222333:role/a', audience: 'sts.amazonaws.com' } },
    ),
    'warning UNUSUAL_ROLE_ARN',
  ],
  [
    'kube2iam that serves it',
    withAgents(without({}, { [KUBE2IAM]: 'web' }), 'kube2iam'),
    'warning KUBE2IAM_ROLE',
  ],
  ['kiam that serves it', withAgents(without({}, { [KUBE2IAM]: 'web' }), 'kiam'), 'warning KUBE2IAM_ROLE'],
  ['kube2iam that is gone', without({}, { [KUBE2IAM]: 'web' }), 'broken KUBE2IAM_ANNOTATION'],
  [
    'the annotation of kube2iam on the ServiceAccount',
    without({ [KUBE2IAM]: 'web' }),
    'broken KUBE2IAM_ANNOTATION',
  ],
  [
    'agents that may not be read',
    {
      ...without({}, { [KUBE2IAM]: 'x' }),
      cluster: { ...without({}, { [KUBE2IAM]: 'x' }).cluster, nodeAgents: DENIED },
    },
    'unknown',
  ],
  ['EKS Pod Identity', { ...without({}), cluster: { ...without({}).cluster, pod: read(podIdentity) } }, 'ok'],
  [
    'an annotation that was removed after the pod was created',
    healthyChain({
      serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }),
      dryRun: read({ pod: BARE_POD, warnings: [] }),
    }),
    'broken NO_ANNOTATION',
  ],
  [
    'a role that the manifest of the pod sets',
    healthyChain({
      serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }),
      dryRun: read({ pod: BARE_POD, warnings: [] }),
      pod: read({ ...POD, tokenVolumes: POD.tokenVolumes.map((token) => ({ ...token, volume: 'mine' })) }),
    }),
    'ok',
  ],
  [
    'a role of the ConfigMap',
    healthyChain({ serviceAccount: read({ ...SERVICE_ACCOUNT, annotations: {} }), pod: read(POD) }),
    'ok',
  ],
];
for (const [what, chain, verdict] of CASES) {
  test(`judges ${what}`, () => {
    assert.equal(verdictOf(annotation, chain), verdict);
  });
}

const RESTART = 'kubectl -n shop get pod web-0 -o json | kubectl replace --force -f -';
const ACCOUNT = {
  aws: { ...healthyChain().aws, account: read({ accountId: '111122223333', partition: 'aws' }) },
};
const ANNOTATE = 'kubectl -n shop annotate serviceaccount web';

const REMEDIES: readonly (readonly [what: string, chain: ChainFacts, commands: readonly string[]])[] = [
  ['no annotation', without({}), ['podrole bind -n shop web --approve', RESTART]],
  [
    'another prefix',
    without({}, {}, { settings: { annotationPrefix: 'podrole.dev', tokenAudience: 'sts.amazonaws.com' } }),
    ['podrole bind -n shop web --annotation-prefix podrole.dev --approve', RESTART],
  ],
  [
    'a misspelt annotation',
    without({ 'eks.amazon.com/role-arn': ROLE }),
    [`${ANNOTATE} eks.amazonaws.com/role-arn=${ROLE} eks.amazon.com/role-arn- --overwrite`, RESTART],
  ],
  [
    'a value that a shell would obey',
    without({}, { [ROLE_KEY]: '$(touch x)' }),
    [`${ANNOTATE} 'eks.amazonaws.com/role-arn=$(touch x)' --overwrite`, RESTART],
  ],
  [
    'a session',
    without({ [ROLE_KEY]: 'arn:aws:sts::111122223333:assumed-role/shop-web/x' }),
    [`${ANNOTATE} ${ROLE_KEY}=${ROLE} --overwrite`, RESTART],
  ],
  [
    'an instance profile, in quotes',
    without({ [ROLE_KEY]: '"arn:aws:iam::111122223333:instance-profile/shop-web"' }),
    [`${ANNOTATE} ${ROLE_KEY}=${ROLE} --overwrite`, RESTART],
  ],
  [
    'a missing colon',
    without({ [ROLE_KEY]: ROLE.replace('::', ':') }),
    [`${ANNOTATE} ${ROLE_KEY}=${ROLE} --overwrite`, RESTART],
  ],
  [
    'the plural, and capital letters',
    without({ [ROLE_KEY]: 'ARN:aws:iam::111122223333:roles/shop-web' }),
    [`${ANNOTATE} ${ROLE_KEY}=${ROLE} --overwrite`, RESTART],
  ],
  [
    'a name, with a known account',
    without({ [ROLE_KEY]: 'shop-web' }, {}, ACCOUNT),
    [`${ANNOTATE} ${ROLE_KEY}=${ROLE} --overwrite`, RESTART],
  ],
  [
    'a guess',
    without({ [ROLE_KEY]: 'shop-web' }),
    ['podrole bind -n shop web --override-existing-serviceaccounts --approve', RESTART],
  ],
];
for (const [what, chain, commands] of REMEDIES) {
  test(`the commands fix ${what}`, () => {
    assert.deepEqual(commandsOf(annotation, chain), commands);
  });
}

test('a pod that names no ServiceAccount is pointed out', () => {
  const chain = without(
    {},
    {},
    {
      serviceAccountName: 'default',
      subject: { kind: 'pod', namespace: 'shop', name: 'web-0' },
    },
  );
  assert.match(annotation.judge(chain)[0].details.join(), /sets no serviceAccountName/);
});
