import { test } from 'node:test';
import { assertLinear } from '../testing/cost/step-count.ts';
import { judgeRole } from './judge-role.ts';
import { toNamespaceFacts } from './namespace-facts.ts';

const ROLE = `arn:aws:iam::111122223333:role/${'a'.repeat(64)}`;

/** Below every limit: beyond one, nothing is read. */
const SIZE = { size: 25 };

/** Annotations that grow; each is refused or matches nothing, so that all of it is read. */
const GROWING: readonly [string, string, (size: number) => string][] = [
  ['glob with many stars', 'allowed-roles', (size) => JSON.stringify([`${'*a'.repeat(size)}b`])],
  ['many globs', 'allowed-roles', (size) => JSON.stringify(Array(size).fill('*a*a*b'))],
  ['not JSON', 'allowed-roles', (size) => '["'.repeat(size)],
  ['nested JSON', 'allowed-roles', (size) => '['.repeat(size)],
  ['many counts', 'permitted', (size) => 'a{9}'.repeat(size)],
  ['many groups', 'permitted', (size) => '('.repeat(size)],
];

for (const [title, name, write] of GROWING) {
  test(`judgeRole is linear: ${title}`, async () => {
    await assertLinear((size) => {
      const annotations = { [`iam.amazonaws.com/${name}`]: write(size) };
      const namespace = toNamespaceFacts({ metadata: { name: 'shop', annotations } });
      const use = {
        namespace: 'shop',
        serviceAccount: 'web',
        given: ROLE,
        roleArn: ROLE,
        namedBy: 'pod',
      } as const;
      return () => judgeRole(use, { namespace, policy: undefined, allowedRolesFormat: 'glob' });
    }, SIZE);
  });
}
