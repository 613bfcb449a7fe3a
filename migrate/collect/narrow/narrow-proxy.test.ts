import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyFacts } from '../../facts/migration-facts.ts';
import type { OldProxy } from '../../model.ts';
import { narrowProxy } from './narrow-proxy.ts';

interface Container {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly unknown[];
  readonly env?: readonly object[];
}

function proxyOf(
  from: OldProxy,
  container: Container,
  name = 'proxy',
  kind: ProxyFacts['kind'] = 'DaemonSet',
) {
  const object = {
    metadata: { namespace: 'kube-system', name },
    spec: { template: { spec: { containers: [{ name: 'a', ...container }] } } },
  };
  return narrowProxy(from, kind, object);
}

const KUBE2IAM = { image: 'registry.example.com/jtblin/kube2iam:0.11.1' };
const KIAM = { image: 'quay.io/uswitch/kiam:v4.2' };
const SERVER = { ...KIAM, command: ['/kiam', 'server'] };
const BASE = 'arn:aws:iam::111122223333:role/';

/** Flags as charts and manifests of both write them. */
const FLAGS: Readonly<Record<string, readonly [OldProxy, Container, Partial<ProxyFacts>]>> = {
  'kube2iam without flags': [
    'kube2iam',
    KUBE2IAM,
    {
      part: 'agent',
      isRestricted: false,
      allowedRolesFormat: 'glob',
      baseRoleArn: undefined,
      defaultRole: undefined,
    },
  ],
  'kube2iam with a base without a slash': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--base-role-arn=arn:aws:iam::111122223333:role'] },
    { baseRoleArn: BASE },
  ],
  'a value as the next word': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--base-role-arn', BASE] },
    { baseRoleArn: BASE },
  ],
  'a value from a variable': [
    'kube2iam',
    {
      ...KUBE2IAM,
      args: ['--base-role-arn=$(BASE)', '--default-role=$(UNKNOWN)'],
      env: [{ name: 'BASE', value: BASE }],
    },
    { baseRoleArn: BASE, defaultRole: '$(UNKNOWN)' },
  ],
  'the last of two values': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--default-role=a', '--default-role=b'] },
    { defaultRole: 'b' },
  ],
  'an empty default role': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--default-role='] },
    { defaultRole: undefined },
  ],
  'the default role of the node': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--auto-discover-default-role'] },
    { defaultRole: 'discovered', findsBaseArn: true },
  ],
  'the base of the node': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--auto-discover-base-arn'] },
    { findsBaseArn: true, baseRoleArn: undefined },
  ],
  'restrictions as globs': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--namespace-restrictions'] },
    { isRestricted: true, allowedRolesFormat: 'glob' },
  ],
  'restrictions as expressions': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--namespace-restrictions=true', '--namespace-restriction-format=RegExp'] },
    { isRestricted: true, allowedRolesFormat: 'regexp' },
  ],
  'restrictions that are switched off': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--namespace-restrictions=false'] },
    { isRestricted: false },
  ],
  'a switch before another word': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--namespace-restrictions', 'false'] },
    { isRestricted: true },
  ],
  'other keys': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--iam-role-key=example.com/role', '--namespace-key=example.com/roles'] },
    { podRoleAnnotation: 'example.com/role', namespaceKey: 'example.com/roles' },
  ],
  'sessions of twice the time': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--iam-role-session-ttl=1800s'] },
    { sessionSeconds: 3_600 },
  ],
  'the rule of the node': [
    'kube2iam',
    { ...KUBE2IAM, args: ['--iptables=true', '--host-interface=eni+'] },
    { addsNodeRule: true },
  ],
  'words that are not strings': ['kube2iam', { ...KUBE2IAM, args: [1, null, {}] }, { isRestricted: false }],
  'the agent of kiam': [
    'kiam',
    { ...KIAM, command: ['/kiam', 'agent'], args: ['--iptables', '--host-interface=cali+'] },
    { part: 'agent', isRestricted: true, addsNodeRule: true },
  ],
  'the server of kiam': [
    'kiam',
    {
      ...SERVER,
      args: [
        `--role-base-arn=${BASE}`,
        '--assume-role-arn=arn:aws:iam::111122223333:role/kiam',
        '--session-duration=2h',
      ],
    },
    {
      part: 'server',
      baseRoleArn: BASE,
      assumesFirst: 'arn:aws:iam::111122223333:role/kiam',
      sessionSeconds: 7_200,
    },
  ],
  'a server that finds out its base': [
    'kiam',
    { ...SERVER, args: ['--role-base-arn-autodetect'] },
    { part: 'server', findsBaseArn: true, baseRoleArn: undefined },
  ],
};

for (const [name, [from, container, expected]] of Object.entries(FLAGS)) {
  test(`flags of a proxy: ${name}`, () => {
    const found = proxyOf(from, container);
    const picked = Object.keys(expected).map((key) => [
      key,
      Object.entries(found ?? {}).find(([of]) => of === key)?.[1],
    ]);
    assert.deepEqual(Object.fromEntries(picked), expected);
  });
}

const OTHERS: readonly (readonly [OldProxy, Container, ProxyFacts['kind']])[] = [
  ['kube2iam', KIAM, 'DaemonSet'],
  ['kiam', KUBE2IAM, 'DaemonSet'],
  ['kube2iam', { image: 'example.com/web' }, 'DaemonSet'],
  ['kiam', { image: 'example.com/kiam-tools', command: ['server'] }, 'Deployment'],
  ['kube2iam', KUBE2IAM, 'Deployment'],
  ['kiam', KIAM, 'Deployment'],
];

test('other objects are not the proxy', () => {
  for (const [from, container, kind] of OTHERS)
    assert.equal(proxyOf(from, container, 'proxy', kind), undefined, `${from} ${JSON.stringify(container)}`);
  assert.equal(narrowProxy('kiam', 'DaemonSet', {}), undefined);
});

test('the server of kiam may be a Deployment, and is known by its name too', () => {
  assert.equal(proxyOf('kiam', SERVER, 'x', 'Deployment')?.part, 'server');
  assert.equal(proxyOf('kiam', KIAM, 'kiam-server')?.part, 'server');
});
