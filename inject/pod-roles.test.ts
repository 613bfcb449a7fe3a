import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { PodroleError } from '../lib/errors.ts';
import { asArray, asObject } from '../lib/json/json.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { parseRolePolicy } from '../policy/document/parse-role-policy.ts';
import { toNamespaceFacts } from '../policy/namespace-facts.ts';
import { judgesRoles, policySettings } from '../policy/settings.ts';
import { injectManifests } from './inject-manifests.ts';

const BASE = 'arn:aws:iam::111122223333:role/';

const pod = (annotations: string, serviceAccount = 'web') => `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations: {${annotations}}
spec:
  serviceAccountName: ${serviceAccount}
  containers:
    - name: app # the only one
`;
const NAMED = pod('iam.amazonaws.com/role: web');
const account = (annotations = '') => `apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop, annotations: {${annotations}}}
`;
const WITH_ROLE = account(`eks.amazonaws.com/role-arn: "${BASE}own"`);
const namespace = (annotations: string, version = 'v1') => `apiVersion: ${version}
kind: Namespace
metadata:
  name: shop
  annotations:
    ${annotations}
`;
const ALLOWS = namespace('iam.amazonaws.com/allowed-roles: \'["w*", "own"]\'');
const REFUSES = namespace('podrole.dev/allowed-roles: nothing');
const POLICY = `apiVersion: podrole.dev/v1
kind: RolePolicy
rules:
  - {namespaces: [shop], roles: ["${BASE}web"]}
`;

interface Given {
  readonly flags?: Readonly<Record<string, string>>;
  /** Files besides the manifests, for --service-accounts. */
  readonly others?: string;
  readonly cluster?: string;
  readonly policy?: string;
}

/** Injects into the documents; asked: names of Namespaces that the cluster was asked for. */
async function injectInto(documents: readonly string[], given: Given = {}) {
  const { others, cluster, policy } = given;
  const flags = {
    podRoleAnnotation: 'iam.amazonaws.com/role',
    baseRoleArn: BASE,
    ...(policy === undefined ? {} : { rolePolicyFile: 'policy.yaml' }),
    ...given.flags,
  };
  const settings = readSettings({ ...identitySettings, ...policySettings }, flags, {});
  const asked: string[] = [];
  const find = async (name: string) => {
    asked.push(name);
    return toNamespaceFacts(parse(cluster ?? ''));
  };
  const injection = await injectManifests({
    files: [{ name: 'app.yaml', text: documents.join('---\n') }],
    serviceAccountFiles: others === undefined ? [] : [{ name: 'others.yaml', text: others }],
    containerCredentials: NO_CONTAINER_CREDENTIALS,
    settings,
    namespace: 'default',
    rules: judgesRoles(settings)
      ? { settings, policy: policy === undefined ? undefined : parseRolePolicy(policy, 'policy.yaml') }
      : undefined,
    ...(cluster === undefined
      ? {}
      : { cluster: { serviceAccounts: { find: async () => undefined }, namespaces: { find } } }),
  });
  const text = injection.files[0]?.injected ?? '';
  return { ...injection, text, asked, roles: rolesIn(text) };
}

/** The role of each pod in a file; undefined for one without. */
function rolesIn(text: string): readonly unknown[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = asObject(document.toJS());
    if (object?.['kind'] !== 'Pod') return [];
    const [container] = asArray(asObject(object['spec'])?.['containers']) ?? [];
    const env = asArray(asObject(container)?.['env']) ?? [];
    return [env.map(asObject).find((variable) => variable?.['name'] === ENV.roleArn)?.['value']];
  });
}

for (const [what, documents, given, roles, warning] of [
  ['its Namespace in the manifests', [ALLOWS, account(), NAMED], {}, [`${BASE}web`]],
  ['its Namespace after it', [NAMED, account(), ALLOWS], {}, [`${BASE}web`]],
  ['its Namespace in the other files', [account(), NAMED], { others: ALLOWS }, [`${BASE}web`]],
  ['its Namespace in the cluster', [account(), NAMED], { cluster: ALLOWS }, [`${BASE}web`]],
  ['the manifests come before the cluster', [ALLOWS, account(), NAMED], { cluster: REFUSES }, [`${BASE}web`]],
  [
    'a List of Namespaces',
    [
      `apiVersion: v1\nkind: List\nitems:\n${ALLOWS.replaceAll(/^/gm, '    ').replace('    api', '  - api').trimEnd()}\n`,
      account(),
      NAMED,
    ],
    {},
    [`${BASE}web`],
  ],
  ['a ServiceAccount with another role', [ALLOWS, WITH_ROLE, NAMED], {}, [`${BASE}web`]],
  ['no annotation, and a role of the ServiceAccount', [ALLOWS, WITH_ROLE, pod('')], {}, [`${BASE}own`]],
  ['no annotation and no role', [REFUSES, account(), pod('')], {}, [undefined]],
  [
    'a role that is refused',
    [REFUSES, WITH_ROLE, NAMED],
    {},
    [undefined],
    /^app.yaml, document 3: Pod shop\/web: this Pod: annotation iam.amazonaws.com\/role gives no role: Annotation podrole.dev\/allowed-roles of Namespace shop does not name/,
  ],
  [
    'a role that is refused, audit',
    [REFUSES, WITH_ROLE, NAMED],
    { flags: { policy: 'audit' } },
    [undefined],
    /gives no role/,
  ],
  [
    'a refused role of the ServiceAccount',
    [REFUSES, WITH_ROLE, pod('')],
    {},
    [`${BASE}own`],
    /ServiceAccount shop\/web: annotation eks.amazonaws.com\/role-arn gives a role that is refused/,
  ],
  [
    'a refused role of the ServiceAccount, audit',
    [REFUSES, WITH_ROLE, pod('')],
    { flags: { policy: 'audit' } },
    [`${BASE}own`],
  ],
  ['the policy file allows it', [namespace('a: b'), account(), NAMED], { policy: POLICY }, [`${BASE}web`]],
  [
    'the policy file refuses it',
    [ALLOWS, WITH_ROLE, pod('')],
    { policy: POLICY },
    [`${BASE}own`],
    /gives a role that is refused: Role policy policy.yaml does not allow/,
  ],
] as const satisfies readonly (readonly [string, readonly string[], Given, readonly unknown[], RegExp?])[]) {
  test(`a pod with ${what}`, async () => {
    const injected = await injectInto(documents, given);
    assert.deepEqual([injected.roles, injected.unknown], [roles, []]);
    if (warning) assert.match(injected.warnings.join('\n'), warning);
    else assert.deepEqual(injected.warnings, []);
    assert.equal((await injectInto([injected.text], given)).text, injected.text, 'again');
  });
}

for (const [what, documents, given, code, problem] of [
  ['no Namespace anywhere', [account(), NAMED], {}, 'NAMESPACE_NOT_FOUND', 'Namespace shop was not found'],
  [
    'no Namespace in the cluster',
    [account(), NAMED],
    { cluster: '{}' },
    'NAMESPACE_NOT_FOUND',
    'Namespace shop was not found',
  ],
  [
    'a Namespace of another kind of API',
    [namespace('a: b', 'example.com/v1'), account(), NAMED],
    {},
    'NAMESPACE_NOT_FOUND',
    'Namespace shop was not found',
  ],
  [
    'a role of the ServiceAccount, and no Namespace',
    [WITH_ROLE, pod('')],
    {},
    'NAMESPACE_NOT_FOUND',
    'Namespace shop was not found',
  ],
  [
    'no ServiceAccount',
    [ALLOWS, NAMED],
    {},
    'SERVICE_ACCOUNT_NOT_FOUND',
    'ServiceAccount shop/web was not found',
  ],
  [
    'the ServiceAccount default, which is in no file',
    [ALLOWS, pod('iam.amazonaws.com/role: web', '""')],
    {},
    'SERVICE_ACCOUNT_NOT_FOUND',
    'ServiceAccount shop/default was not found',
  ],
] as const satisfies readonly (readonly [string, readonly string[], Given, string, string])[]) {
  test(`a pod with ${what} stays as it is`, async () => {
    const { text, unknown } = await injectInto(documents, given);
    assert.equal(text, documents.join('---\n'));
    assert.deepEqual(
      unknown.map((fault) => [fault.code, fault.problem]),
      [[code, problem]],
    );
  });
}

test('the cluster is asked once for each Namespace, and only if a pod has or names a role', async () => {
  const { asked, roles } = await injectInto([account(), NAMED, NAMED, NAMED], { cluster: ALLOWS });
  assert.deepEqual([asked, roles], [['shop'], [`${BASE}web`, `${BASE}web`, `${BASE}web`]]);
  assert.deepEqual((await injectInto([account(), pod('')], { cluster: ALLOWS })).asked, []);
});

test('with enforce, every refused role is an error, and nothing is written', async () => {
  const documents = [REFUSES, WITH_ROLE, NAMED, pod('iam.amazonaws.com/role: admin')];
  const thrown = await injectInto(documents, { flags: { policy: 'enforce' } }).catch((error) => error);
  assert.ok(thrown instanceof PodroleError);
  assert.deepEqual(
    thrown.faults.map(({ code, object, problem }) => [code, object, problem]),
    [3, 4].map((at) => [
      'ROLE_REFUSED',
      `app.yaml, document ${at}: Pod shop/web`,
      `must not have the role "${at === 3 ? 'web' : 'admin'}": Annotation podrole.dev/allowed-roles of ` +
        `Namespace shop does not name the role "${at === 3 ? 'web' : 'admin'}"`,
    ]),
  );
});

test('Namespaces that cannot be read, or contradict each other, are errors like the others', async () => {
  const nameless = 'apiVersion: v1\nkind: Namespace\nmetadata: {}\n';
  const number = namespace('iam.amazonaws.com/permitted: 7');
  await assert.rejects(injectInto([ALLOWS, REFUSES, nameless, number, account(), NAMED]), (thrown) => {
    assert.ok(thrown instanceof PodroleError);
    assert.deepEqual(thrown.faults.map(({ object, problem }) => `${object} ${problem}`).sort(), [
      'Namespace shop in app.yaml, document 2 has other rules for roles than in app.yaml, document 1',
      'Namespace shop in app.yaml, document 4 has annotations that are not strings',
      'app.yaml, document 3 contains a Namespace without metadata.name',
    ]);
    return true;
  });
  // The same rules twice are fine, and so is another copy among the other files.
  const { roles } = await injectInto([ALLOWS, ALLOWS, account(), NAMED], { others: REFUSES });
  assert.deepEqual(roles, [`${BASE}web`]);
});

test('without rules in use, Namespaces are not looked at, and the pod names nothing', async () => {
  const off = { podRoleAnnotation: '', baseRoleArn: '' };
  const documents = [REFUSES, ALLOWS, WITH_ROLE, NAMED];
  const { roles, unknown } = await injectInto(documents, { flags: off });
  assert.deepEqual([roles, unknown], [[`${BASE}own`], []]);
});

test('a later run follows the annotation, and a typing error removes nothing', async () => {
  const rules = `${ALLOWS}---\n${account()}`;
  const { text } = await injectInto([NAMED], { others: rules });
  const again = async (annotation: string, others = rules) =>
    (await injectInto([text.replace(/iam.amazonaws.com\/role: web,?/, annotation)], { others })).roles;
  assert.deepEqual(rolesIn(text), [`${BASE}web`]);
  assert.deepEqual(await again('iam.amazonaws.com/role: worker,'), [`${BASE}worker`]);
  assert.deepEqual(await again(''), [undefined]);
  assert.deepEqual(await again('', `${ALLOWS}---\n${WITH_ROLE}`), [`${BASE}own`]);
  assert.deepEqual(await again('iam.amazonaws.com/role: admin,'), [undefined]);
  assert.deepEqual(await again('iam.amazonaws.com/role: web,', `${REFUSES}---\n${account()}`), [undefined]);
  assert.deepEqual(await again('iam.amazonaws.com/role: "we b",'), [`${BASE}web`]);
  assert.deepEqual(await again('iam.amazonaws.com/roles: web,'), [`${BASE}web`]);
});

test('a pod without the annotation gets byte for byte what it got before', async () => {
  const documents = [namespace('a: b'), WITH_ROLE, pod('example.com/other: x'), pod('', 'none')];
  const before = await injectInto(documents, { flags: { podRoleAnnotation: '', baseRoleArn: '' } });
  const after = await injectInto(documents);
  assert.deepEqual([after.text, after.warnings], [before.text, before.warnings]);
  assert.notEqual(after.text, documents.join('---\n'));
});

test('the session gets the name that the pod gives it, and a later run follows it', async () => {
  const rules = `${ALLOWS}---\n${account()}`;
  const named = (session: string) => pod(`iam.amazonaws.com/role: web${session}`);
  const sessions = async (text: string) => {
    const injected = await injectInto([text], { others: rules });
    const found = [
      ...injected.text.matchAll(/name: (AWS_ROLE_SESSION_NAME|PODROLE_POD_NAME)\n +value(?:From)?: *(.*)/g),
    ];
    return { text: injected.text, found: found.map(([, name, value]) => `${name} ${value}`) };
  };
  const first = await sessions(named(', iam.amazonaws.com/session-name: shop-web'));
  assert.deepEqual(first.found, ['AWS_ROLE_SESSION_NAME shop-web']);
  const other = first.text.replace('session-name: shop-web', 'session-name: other');
  assert.deepEqual((await sessions(other)).found, ['AWS_ROLE_SESSION_NAME other']);
  const gone = first.text.replace(', iam.amazonaws.com/session-name: shop-web', '');
  assert.notEqual(gone, first.text);
  assert.deepEqual((await sessions(gone)).found, []);
});
