import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import {
  auditFacts,
  auditPod,
  auditRole,
  auditRoleArn,
  auditServiceAccount,
  trusts,
} from '../../testing/doctor/audit-facts.ts';
import { buildModel } from './build-model.ts';
import type { AuditFacts } from './facts/audit-facts.ts';

function list<Item>(size: number, make: (at: number) => Item): readonly Item[] {
  return Array.from({ length: size }, (_, at) => make(at));
}

const arn = (at: number) => auditRoleArn(`r${at}`);

/** Each world has as many ServiceAccounts as roles: up to 2,000 of each. */
const WORLDS: readonly (readonly [name: string, world: (size: number) => AuditFacts])[] = [
  [
    'each ServiceAccount has a role and a pod',
    (size) =>
      auditFacts({
        cluster: {
          serviceAccounts: list(size, (at) => auditServiceAccount(`n${at % 50}/s${at}`, arn(at))),
          pods: list(size, (at) =>
            auditPod(`p${at}`, `n${at % 50}/s${at}`, {
              roles: [{ container: 'a', roleArn: arn(at), audience: undefined }],
            }),
          ),
        },
        iam: { roles: list(size, (at) => auditRole(`r${at}`, trusts(`n${at % 50}/s${at}`))) },
      }),
  ],
  [
    'each role has a pattern of a namespace',
    (size) =>
      auditFacts({
        cluster: { serviceAccounts: list(size, (at) => auditServiceAccount(`n${at}/s`)) },
        iam: { roles: list(size, (at) => auditRole(`r${at}`, trusts(`n${at}/*`, 'StringLike'))) },
      }),
  ],
  [
    'every role refuses, misses or shares',
    (size) =>
      auditFacts({
        cluster: { serviceAccounts: list(size, (at) => auditServiceAccount(`n${at}/s`, arn(at % 100))) },
        iam: { roles: list(size, (at) => auditRole(`r${at + 50}`, trusts(`gone/s${at}`))) },
      }),
  ],
  [
    'one binding per namespace, and bindings by the names of pods and ServiceAccounts',
    (size) =>
      auditFacts({
        cluster: {
          serviceAccounts: list(size, (at) => auditServiceAccount(`n${at}/s${at}`, arn(0))),
          pods: list(size, (at) => auditPod(`p${at}`, `n${at}/s${at}`)),
          rbac: {
            roles: list(size, (at) => ({
              namespace: `n${at}`,
              name: 'r',
              rules: [
                { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'], resourceNames: [`p${at}`] },
                {
                  apiGroups: [''],
                  resources: ['serviceaccounts/token'],
                  verbs: ['*'],
                  resourceNames: [`s${at}`],
                },
              ],
            })),
            bindings: list(size, (at) => ({
              namespace: `n${at}`,
              name: 'b',
              role: { kind: 'Role', name: 'r' },
              subjects: [{ kind: 'User', name: 'alice', namespace: undefined }],
            })),
          },
        },
        iam: { roles: [auditRole('r0', trusts('*/*', 'StringLike'))] },
      }),
  ],
  [
    'no role asks for a subject, and all refuse the audience',
    (size) =>
      auditFacts({
        cluster: { serviceAccounts: list(size, (at) => auditServiceAccount(`n${at % 50}/s${at}`)) },
        iam: {
          roles: list(size, (at) =>
            auditRole(`r${at}`, { StringEquals: { 'oidc.example.com/one:aud': 'example.com' } }),
          ),
        },
      }),
  ],
  [
    'bindings of one namespace to a role with many names',
    (size) =>
      auditFacts({
        cluster: {
          serviceAccounts: list(size, (at) => auditServiceAccount(`n/s${at}`, arn(0))),
          rbac: {
            roles: [
              {
                namespace: 'n',
                name: 'r',
                rules: list(size, (at) => ({
                  apiGroups: ['', 'rbac.authorization.k8s.io'],
                  resources: ['serviceaccounts/token', 'roles'],
                  verbs: ['create', 'bind'],
                  resourceNames: [`s${at}`, 'r'],
                })),
              },
            ],
            bindings: list(size, (at) => ({
              namespace: 'n',
              name: `b${at}`,
              role: { kind: 'Role', name: 'r' },
              subjects: [{ kind: 'User', name: 'alice', namespace: undefined }],
            })),
          },
        },
        iam: { roles: [auditRole('r0', trusts('*/*', 'StringLike'))] },
      }),
  ],
];

for (const [name, world] of WORLDS) {
  test(`an audit is linear work: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const facts = world(size);
        return () => buildModel(facts, () => []);
      },
      { size: 250 },
    );
  });
}
