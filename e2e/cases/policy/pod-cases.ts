import { podSpec } from './vap-cluster.ts';

export const BASE = 'arn:aws:iam::111122223333:role/';
/** A role that the policy allows in the Namespace shop, `shop-*`, and one that it refuses. */
export const GOOD = `${BASE}shop-web`;
export const BAD = `${BASE}admin`;

/** Pods, and true if the policy refuses them. */
export const PODS: readonly [string, boolean, object][] = [
  ['without a role', false, podSpec([])],
  ['with an allowed role', false, podSpec([{ value: GOOD }])],
  ['with an empty role', false, podSpec([{ value: '' }, {}])],
  ['with a refused role', true, podSpec([{ value: BAD }])],
  ['with a refused role before an allowed one', true, podSpec([{ value: BAD }, { value: GOOD }])],
  ['with a refused role after an allowed one', true, podSpec([{ value: GOOD }, { value: BAD }])],
  [
    'with the name in other letters, as Windows takes it',
    true,
    podSpec([{ name: 'aws_Role_Arn', value: BAD }]),
  ],
  [
    'with a role from elsewhere',
    true,
    podSpec([{ valueFrom: { configMapKeyRef: { name: 'a', key: 'b' } } }]),
  ],
  ['with a role that kubelet expands', true, podSpec([{ name: 'X', value: BAD }, { value: '$(X)' }])],
  ['with a refused role of an init container', true, podSpec([{ value: BAD }], 'initContainers')],
  [
    'with a refused role of a sidecar',
    true,
    podSpec([{ value: BAD }], 'initContainers', { restartPolicy: 'Always' }),
  ],
  [
    'with an allowed role of a sidecar',
    false,
    podSpec([{ value: GOOD }], 'initContainers', { restartPolicy: 'Always' }),
  ],
  [
    'with a variable as a part of a role',
    true,
    podSpec([{ name: 'X', value: BAD }, { value: `${BASE}$(X)shop-web` }]),
  ],
  [
    'with a variable in place of a *, whatever its value',
    false,
    podSpec([{ name: 'X', value: '../admin' }, { value: `${BASE}shop-$(X)` }]),
  ],
  [
    'with an allowed role in the path of one of another account',
    true,
    podSpec([{ value: `arn:aws:iam::999999999999:role/${BASE}shop-web` }]),
  ],
  [
    'with a refused role after an empty one',
    true,
    podSpec([{ value: '' }, { value: BAD }], 'initContainers'),
  ],
  [
    'with a refused target role',
    true,
    podSpec([{ value: GOOD }, { name: 'PODROLE_TARGET_ROLE_ARN', value: BAD }]),
  ],
  [
    'with an allowed target role',
    false,
    podSpec([{ value: GOOD }, { name: 'PODROLE_TARGET_ROLE_ARN', value: `${GOOD}-shared` }]),
  ],
  [
    'with a refused role that assumes an allowed one',
    true,
    podSpec([{ value: BAD }, { name: 'PODROLE_TARGET_ROLE_ARN', value: GOOD }]),
  ],
  // docs/policy.md says that these are not seen.
  [
    'with a role in a ConfigMap of variables',
    false,
    podSpec([], 'containers', { envFrom: [{ configMapRef: { name: 'a' } }] }),
  ],
  [
    'with a role in the command, a file or a property of Java',
    false,
    podSpec(
      [
        { name: 'AWS_CONFIG_FILE', value: '/config' },
        { name: 'JAVA_TOOL_OPTIONS', value: `-Daws.roleArn=${BAD}` },
      ],
      'containers',
      { command: ['env', `AWS_ROLE_ARN=${BAD}`, 'app'] },
    ),
  ],
  [
    'with another line after the role',
    true,
    podSpec([{ value: `${GOOD}\n${BAD}` }, { value: `x\n${GOOD}` }]),
  ],
];
