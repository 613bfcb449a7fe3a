import { test } from 'node:test';
import { agentPod } from '../../testing/agent/pod-objects.ts';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { readNodePod } from '../pods/read-node-pod.ts';
import { decideCaller } from './decide-caller.ts';

test('a decision takes time in proportion to the pods, even if all claim the address', async () => {
  await assertLinear((size) => {
    const read = readNodePod(agentPod({}));
    const pods = Array.from({ length: size }, (_, index) =>
      read ? { ...read, folder: `pod-${index}` } : [],
    );
    const folders = new Map(
      pods.map((_, index) => [
        `pod-${index}`,
        { createdMs: index + 1, hosts: { addresses: ['10.0.0.7'], changedMs: index } },
      ]),
    );
    return () => decideCaller({ address: '10.0.0.7', pods: pods.flat(), folders, bootedMs: 0, nowMs: size });
  });
});

test('a pod with many containers, variables, mounts and tokens is read in linear time', async () => {
  await assertLinear((size) => {
    const many = <T>(make: (index: number) => T) => Array.from({ length: size }, (_, index) => make(index));
    const sources = many((index) => ({ serviceAccountToken: { path: `t${index}`, audience: 'sts' } }));
    const containers = many((index) => ({
      name: `c${index}`,
      env: [
        { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/web' },
        { name: 'PODROLE_TOKEN_FILE', value: `/x/t${index}` },
      ],
      volumeMounts: [{ name: 'v', mountPath: '/x' }],
    }));
    const mounts = { name: 'm', volumeMounts: many((index) => ({ name: 'v', mountPath: `/x${index}` })) };
    const spec = { containers: [...containers, mounts], volumes: [{ name: 'v', projected: { sources } }] };
    const pod = agentPod({ spec });
    return () => readNodePod(pod);
  });
});
