import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseRolePolicy } from '../../../policy/document/parse-role-policy.ts';
import { judgeRole } from '../../../policy/judge-role.ts';
import { toNamespaceFacts } from '../../../policy/namespace-facts.ts';
import type { RolePolicy } from '../../../policy/role-policy.ts';
import { KUBERNETES_MINOR } from '../../cluster/kubernetes-version.ts';
import { startVapCluster } from './vap-cluster.ts';

/**
 * The native policies and judgeRole give the same verdict: every role for every ServiceAccount of every
 * Namespace, on a real API server, as annotation of a ServiceAccount and as variable of a pod.
 */
const BASE = 'arn:aws:iam::111122223333:role/';
const OWN = 'podrole.dev/allowed-roles';
/** Characters that CEL, RE2, YAML or JSON could take for something else. */
const ODD = `${BASE}x/"'\\E.*\\Q$^[a-z](b|c){2}?+\\n\${y}/z`;

const ROLES = [
  `${BASE}shop-web`,
  `${BASE}shop-`,
  `${BASE}path/shop-web`,
  `${BASE}Shop-web`,
  'arn:aws:iam::999999999999:role/shop-web',
  'shop-web',
  ODD,
  `${BASE}x/aaaa`,
  `${BASE}${'p'.repeat(400)}/shop-web`,
  '*',
  'a'.repeat(1_025),
];

/** Namespaces by name, each with its annotation. */
const NAMESPACES: Readonly<Record<string, string | undefined>> = {
  shop: undefined,
  'shop-a': `${BASE}shop-*`,
  other: undefined,
  empty: '',
  blank: ' \n\t ',
  exact: `${BASE}shop-web`,
  several: `x\n\n  ${BASE}path/*\r\n\t${BASE}S*-w*b\n`,
  all: '*',
  odd: `\\E.*\\Q ${ODD.replace(/\{2\}/, '*')}`,
  dot: `${BASE}....-web`,
  long: `* ${'x'.repeat(32_767)}`,
  longest: `${BASE}shop-web ${'x'.repeat(32_768 - BASE.length - 9)}`,
  many: '* '.repeat(1_001),
  most: `${'x '.repeat(999)}${BASE}shop-web`,
};

const RULES = `
rules:
- namespaces: [shop, "shop-*"]
  serviceAccounts: [web, "job-*"]
  roles: ["${BASE}shop-*"]
- namespaces: ["s*p*"]
  serviceAccounts: ["*b"]
  roles: ["${BASE}*/shop-*b", ${JSON.stringify(ODD)}]
- namespaces: [dot]
  roles: ["${BASE}....-web", "*:999999999999:role/*"]
- namespaces: [empty]
  roles: []
- namespaces: [all]
  roles: ["*"]
`;

const file = (unlisted: string): RolePolicy =>
  parseRolePolicy(
    `apiVersion: podrole.dev/v1\nkind: RolePolicy\nunlisted: ${unlisted}${RULES}`,
    `${unlisted} "policy".yaml`,
  );

const POLICIES: readonly (readonly [string, RolePolicy | undefined])[] = [
  ['no policy file', undefined],
  ['unlisted: deny', file('deny')],
  ['unlisted: annotated', file('annotated')],
  ['unlisted: allow', file('allow')],
];

const options = {
  skip: KUBERNETES_MINOR < 30 && 'ValidatingAdmissionPolicy is v1 since Kubernetes 1.30',
};

test('the native policies judge as judgeRole does', options, async (context) => {
  const cluster = await startVapCluster();
  after(() => cluster.stop());
  for (const [name, annotation] of Object.entries(NAMESPACES)) {
    await cluster.namespace(name, annotation === undefined ? {} : { [OWN]: annotation });
    for (const account of ['web', 'cron']) await cluster.account(name, account);
  }
  for (const [title, policy] of POLICIES) {
    await context.test(title, async () => {
      await cluster.install({ policy, mode: 'enforce' });
      const wrong: string[] = [];
      let compared = 0;
      for (const [namespace, annotation] of Object.entries(NAMESPACES)) {
        for (const serviceAccount of ['web', 'cron']) {
          for (const role of ROLES) {
            const expected = verdict(namespace, annotation, serviceAccount, role, policy);
            const [asPod, asAccount] = await Promise.all([
              cluster.tryPod(namespace, serviceAccount, role),
              cluster.tryAnnotation(namespace, serviceAccount, role),
            ]);
            compared += 2;
            const found = [asPod, asAccount].map((message) => message !== undefined);
            if (found.some((isRefused) => isRefused !== expected)) {
              wrong.push(
                `${namespace}/${serviceAccount} ${role.slice(0, 80)}: ${expected}, ${asPod} ${asAccount}`,
              );
            }
          }
        }
      }
      assert.deepEqual(wrong, []);
      assert.equal(compared, Object.keys(NAMESPACES).length * 2 * ROLES.length * 2);
    });
  }
});

/** Returns true if judgeRole refuses the role. */
function verdict(
  namespace: string,
  annotation: string | undefined,
  serviceAccount: string,
  role: string,
  policy: RolePolicy | undefined,
): boolean {
  const annotations = annotation === undefined ? {} : { [OWN]: annotation };
  const use = { namespace, serviceAccount, given: role, roleArn: role, namedBy: 'service-account' } as const;
  const facts = toNamespaceFacts({ metadata: { name: namespace, annotations } });
  return judgeRole(use, { namespace: facts, policy, allowedRolesFormat: 'glob' }) !== undefined;
}
