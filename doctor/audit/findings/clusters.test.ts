import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AUDIT_ISSUER,
  auditFacts,
  auditPod,
  auditRole,
  auditRoleArn,
} from '../../../testing/doctor/audit-facts.ts';
import { buildModel } from '../build-model.ts';

const WEB = auditRoleArn('web');
const key = {
  kind: 'Secret',
  namespace: 'shop',
  name: 's',
  place: 'key a',
  maskedKeyId: 'AKIA…WXYZ',
} as const;
const provider = (issuer: string, served: 'yes' | { readonly no: string }) => ({
  arn: `arn:aws:iam::111122223333:oidc-provider/${issuer.slice('https://'.length)}`,
  issuer,
  clientIds: ['sts.amazonaws.com'],
  thumbprints: [],
  served,
});
const own = { ...provider(AUDIT_ISSUER, 'yes'), served: 'not asked' as const };
const onEc2 = { count: 3, onEc2: 3, roleArns: [] };
const reached = { v1: { state: 'timeout' }, v2: { state: 'reachable', status: 200 } } as const;
const closed = { v1: { state: 'reachable', status: 401 }, v2: { state: 'timeout' } } as const;

/** Each case: what there is, and `CODE object text` of each finding. */
const CASES: readonly (readonly [
  name: string,
  world: Parameters<typeof auditFacts>[0],
  findings: readonly string[],
])[] = [
  [
    'a provider of a dead issuer, and one of a live one',
    {
      iam: {
        providers: [
          own,
          provider('https://gone.example.com', { no: 'its name does not resolve' }),
          provider('https://ci.example.com', 'yes'),
        ],
      },
    },
    [
      'DEAD_PROVIDER OIDC provider arn:aws:iam::111122223333:oidc-provider/gone.example.com has an issuer that no audited cluster has, and whose discovery document cannot be fetched: its name does not resolve',
    ],
  ],
  [
    'kube2iam',
    {
      cluster: {
        pods: [auditPod('old-1', 'shop/old', { kube2iamRole: WEB })],
        agents: [{ kind: 'kiam', namespace: 'kube-system', name: 'kiam' }],
      },
      iam: { roles: [auditRole('web', {}, { trustPolicy: {} })] },
    },
    [
      `KUBE2IAM_ROLE ServiceAccount shop/old has the role ${WEB} by the annotation iam.amazonaws.com/role of its pods, if the role trusts the role of kube2iam or kiam`,
    ],
  ],
  [
    'nodes of EC2',
    { cluster: { nodes: onEc2 } },
    ['NODE_ROLE_UNKNOWN nodes of cluster prod are in EC2 (3 of 3), with a role that is not known'],
  ],
  [
    'nodes of EC2 in an account with instance profiles',
    { cluster: { nodes: onEc2 }, iam: { instanceProfileRoleArns: [WEB] } },
    [
      `NODE_ROLE_UNKNOWN nodes of cluster prod are in EC2 (3 of 3), with a role that is not known; instance profiles of the account have ${WEB}`,
    ],
  ],
  [
    'nodes of EC2 with a role',
    { cluster: { nodes: onEc2 }, settings: { nodeRoleArns: [WEB] } },
    [`NODE_ROLE nodes of cluster prod may give their role to every pod: ${WEB}`],
  ],
  [
    'nodes that pods reach',
    { cluster: { nodes: { ...onEc2, roleArns: [WEB] }, metadataProbe: reached } },
    [
      `NODE_ROLE_REACHABLE nodes of cluster prod give their role to every pod: ${WEB}; IMDSv1 did not answer (timeout), IMDSv2 answered 200`,
    ],
  ],
  ['nodes that pods do not reach', { cluster: { nodes: onEc2, metadataProbe: closed } }, []],
  [
    'pods in the network of a node, those of kube-system left out',
    {
      cluster: {
        nodes: onEc2,
        metadataProbe: closed,
        pods: [
          auditPod('a', 'shop/a', { hostNetwork: true }),
          auditPod('b', 'shop/b'),
          auditPod('c', 'kube-system/c', { hostNetwork: true }),
        ],
      },
    },
    [
      'HOST_NETWORK_POD ServiceAccount shop/a has pods in the network of their nodes, with the roles of the nodes: a',
    ],
  ],
  [
    'static keys',
    {
      cluster: {
        keys: [
          { ...key, hasSecret: true },
          { ...key, name: 't', hasSecret: false },
        ],
      },
    },
    [
      'STATIC_KEY Secret shop/s has the static key AKIA…WXYZ with what looks like its secret in key a',
      'STATIC_KEY_ID Secret shop/t has the static key AKIA…WXYZ in key a',
    ],
  ],
];

for (const [name, world, expected] of CASES) {
  test(`finding: ${name}`, () => {
    const { findings } = buildModel(auditFacts(world), () => []);
    assert.deepEqual(
      findings.map(({ code, object, text }) => `${code} ${object} ${text}`),
      expected,
    );
  });
}
