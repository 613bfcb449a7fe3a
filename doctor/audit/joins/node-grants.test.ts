import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeGrant } from '../../../testing/audit/describe-grant.ts';
import {
  auditFacts,
  auditPod,
  auditRole,
  auditRoleArn,
  trusts,
} from '../../../testing/doctor/audit-facts.ts';
import type { AuditFacts } from '../facts/audit-facts.ts';
import { joinGrants } from './join-grants.ts';

const ec2 = { count: 2, onEc2: 2, roleArns: [auditRoleArn('nodes')] };
const probe = (v1: number | undefined) => ({
  v1: v1 === undefined ? ({ state: 'timeout' } as const) : ({ state: 'reachable', status: v1 } as const),
  v2: { state: 'timeout' } as const,
});
const kube2iam = auditPod('old-1', 'shop/old', { kube2iamRole: 'legacy' });
const kube2iamAgent = { kind: 'kube2iam', namespace: 'kube-system', name: 'kube2iam' } as const;

/** Each case: what there is, and each grant as describeGrant writes it. */
const CASES: readonly (readonly [name: string, facts: AuditFacts, grants: readonly string[]])[] = [
  [
    'kube2iam',
    auditFacts({
      cluster: { pods: [kube2iam], agents: [kube2iamAgent] },
      iam: { roles: [auditRole('legacy', trusts('none/none'))] },
    }),
    ['kube2iam shop/old legacy [old-1] restricted if the role trusts the role of kube2iam or kiam'],
  ],
  [
    'the annotation of kube2iam without kube2iam',
    auditFacts({ cluster: { pods: [kube2iam] } }),
    ['kube2iam shop/old legacy [old-1] refused neither kube2iam nor kiam was found in the cluster'],
  ],
  [
    'an annotation of kube2iam that is not a role',
    auditFacts({ cluster: { pods: [auditPod('a', 'shop/a', { kube2iamRole: 'a b\n' })] } }),
    [],
  ],
  [
    'nodes of EC2, not tried',
    auditFacts({ cluster: { pods: [auditPod('a', 'shop/a')], nodes: ec2 } }),
    [
      'node-profile shop/a nodes [a] restricted if pods reach the instance metadata of their node, which --probe-metadata tries',
    ],
  ],
  [
    'nodes of EC2 with podrole agent, not tried',
    auditFacts({
      cluster: {
        pods: [auditPod('a', 'shop/a'), auditPod('b', 'shop/b', { hostNetwork: true })],
        nodes: ec2,
        agents: [{ kind: 'podrole-agent', namespace: 'podrole', name: 'podrole-agent' }],
      },
    }),
    [
      'node-profile shop/a nodes [a] restricted only on nodes without podrole agent, which refuses them to pods',
      'node-profile shop/b nodes [b] allowed a pod of it is in the network of its node',
    ],
  ],
  [
    'nodes of EC2, reached',
    auditFacts({ cluster: { pods: [auditPod('a', 'shop/a')], nodes: ec2, metadataProbe: probe(200) } }),
    ['node-profile shop/a nodes [a] allowed a pod reached the instance metadata of its node'],
  ],
  [
    'nodes of EC2 that want a session token, which they give to nobody',
    auditFacts({ cluster: { pods: [auditPod('a', 'shop/a')], nodes: ec2, metadataProbe: probe(401) } }),
    [
      'node-profile shop/a nodes [a] restricted a pod did not reach the instance metadata of its node; other namespaces and nodes may differ',
    ],
  ],
  [
    'nodes of EC2, of which one version is not known',
    auditFacts({
      cluster: {
        pods: [auditPod('a', 'shop/a')],
        nodes: ec2,
        metadataProbe: { ...probe(undefined), v2: { state: 'unknown', why: 'no image' } },
      },
    }),
    [
      'node-profile shop/a nodes [a] restricted if pods reach the instance metadata of their node, which --probe-metadata tries',
    ],
  ],
  [
    'nodes of EC2, not reached except from their own network, and not by redirected pods',
    auditFacts({
      cluster: {
        pods: [
          auditPod('a', 'shop/a'),
          auditPod('b', 'shop/b', { hostNetwork: true }),
          auditPod('c', 'shop/c', { isRedirected: true }),
        ],
        nodes: ec2,
        metadataProbe: probe(undefined),
      },
    }),
    [
      'node-profile shop/a nodes [a] restricted a pod did not reach the instance metadata of its node; other namespaces and nodes may differ',
      'node-profile shop/b nodes [b] allowed a pod of it is in the network of its node',
    ],
  ],
];

for (const [name, facts, expected] of CASES) {
  test(`who has the role of a node or of an agent: ${name}`, () => {
    assert.deepEqual(joinGrants(facts).grants.map(describeGrant), expected);
  });
}
