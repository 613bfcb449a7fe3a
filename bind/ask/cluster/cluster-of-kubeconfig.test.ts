import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterOfKubeconfig } from './cluster-of-kubeconfig.ts';

const ARN = 'arn:aws:eks:eu-central-1:111122223333:cluster/shop';
const SHOP = { name: 'shop', region: 'eu-central-1' };
const NOTHING = { name: undefined, region: undefined };

/** Context, entry of the cluster, server, and the cluster that they name. */
const CASES: readonly (readonly [
  string,
  string,
  string,
  { name: string | undefined; region: string | undefined },
])[] = [
  [ARN, ARN, '', SHOP],
  ['prod', ARN, '', SHOP],
  [ARN.replace('arn:aws', 'arn:aws-us-gov'), 'a', '', SHOP],
  ['joe@shop.eu-central-1.eksctl.io', 'shop.eu-central-1.eksctl.io', '', SHOP],
  ['joe@example.com@shop.eu-central-1.eksctl.io', 'x', '', SHOP],
  ['kind-shop', 'kind-shop', 'https://127.0.0.1:6443', { name: 'shop', region: undefined }],
  ['k3d-shop', 'k3d-shop', '', { name: 'shop', region: undefined }],
  ['kubernetes-admin@shop', 'shop', '', { name: 'shop', region: undefined }],
  ['kubernetes-super-admin@shop', 'shop', '', { name: 'shop', region: undefined }],
  ['kubernetes-admin@kubernetes', 'kubernetes', 'https://10.0.0.1:6443', NOTHING],
  ['kind-', '', '', NOTHING],
  ['prod', 'prod', 'https://api.example.com', NOTHING],
  ['prod', 'prod', 'not a URL', NOTHING],
  ['kind-other', ARN, '', SHOP],
  ['a', 'b', 'https://0A1B.gr7.eu-central-1.eks.amazonaws.com', { name: undefined, region: 'eu-central-1' }],
  ['a', 'b', 'https://0A1B.yl4.cn-north-1.eks.amazonaws.com.cn', { name: undefined, region: 'cn-north-1' }],
  ['a', 'b', 'https://0a1b.gr7.eks-cluster.us-west-2.api.aws', { name: undefined, region: 'us-west-2' }],
  ['a', 'b', 'https://0A1B.gr7.eu-central-1.eks.example.com', NOTHING],
  ['arn:aws:ecs:eu-central-1:111122223333:cluster/shop', 'a', '', NOTHING],
  ['arn:aws:eks:eu-central-1:111122223333:nodegroup/shop', 'a', '', NOTHING],
  ['joe@shop.eksctl.io', 'a', '', NOTHING],
  ['', '', '', NOTHING],
];

for (const [context, cluster, server, expected] of CASES) {
  test(`context ${context}, cluster ${cluster}, ${server}`, () => {
    assert.deepEqual(clusterOfKubeconfig({ context, cluster, server }), expected);
  });
}
