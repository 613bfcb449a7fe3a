import { test } from 'node:test';
import { assertLinear } from '../testing/cost/step-count.ts';
import {
  accounts,
  kube2iam,
  listedRole,
  migrationFacts,
  runningPod,
  workload,
} from '../testing/migrate/facts.ts';
import { buildMigrationModel } from './build-model.ts';
import type { MigrationFacts } from './facts/migration-facts.ts';

function list<Item>(size: number, make: (at: number) => Item): readonly Item[] {
  return Array.from({ length: size }, (_, at) => make(at));
}

const { account, providerArns } = migrationFacts().iam;

/** Each world has as many workloads as its size, with ten pods each: up to 20,000 pods. */
const WORLDS: Readonly<Record<string, (size: number) => Partial<MigrationFacts>>> = {
  'each workload has a role, a ServiceAccount and a namespace': (size) => ({
    workloads: list(size, (at) =>
      workload(
        `n${at}/web`,
        { role: `r${at}` },
        { pods: list(10, (pod) => runningPod(`p${pod}`, { role: `r${at}` })) },
      ),
    ),
    iam: { account, providerArns, roles: list(size, (at) => listedRole(`r${at}`, [`n${at}/web`])) },
    namespaces: new Map(
      list(size, (at) => [
        `n${at}`,
        { name: `n${at}`, annotations: { 'iam.amazonaws.com/permitted': 'r.*' } },
      ]),
    ),
  }),
  'one ServiceAccount has all roles, and their names differ only in capitals': (size) => ({
    workloads: list(size, (at) => workload(`n/w${at}`, { role: capitals(at), serviceAccount: 'default' })),
    serviceAccounts: accounts(...list(size, (at) => [`n/default-role-${at}`] as const)),
    iam: { account, providerArns, roles: list(size, (at) => listedRole(capitals(at))) },
  }),
  'one role is used in all namespaces': (size) => ({
    workloads: list(size, (at) => workload(`n${at}/web`, { role: 'one', externalId: 'x' })),
    iam: { account, providerArns, roles: [listedRole('one', ['n0/web'])] },
  }),
  'no workload names a role, and the proxy has a default one': (size) => ({
    proxies: [kube2iam({ defaultRole: 'nodes', isRestricted: false })],
    workloads: list(size, (at) => workload(`n${at % 50}/w${at}`)),
  }),
  'roles that do not exist, of a proxy without rules': (size) => ({
    proxies: [kube2iam({ isRestricted: false })],
    namespaces: new Map([['n', { name: 'n', annotations: {} }]]),
    workloads: list(size, (at) => workload(`n/w${at}`, { role: `r${at}` })),
    iam: { account, providerArns, roles: list(size, (at) => listedRole(`other${at}`)) },
  }),
};

function capitals(at: number): string {
  return [...'migrationrole']
    .map((letter, bit) => (at & (1 << bit) ? letter.toUpperCase() : letter))
    .join('');
}

for (const [name, world] of Object.entries(WORLDS)) {
  test(`a plan is linear work: ${name}`, async () => {
    await assertLinear(
      (size) => {
        const facts = migrationFacts(world(size));
        return () => buildMigrationModel(facts);
      },
      { size: 250 },
    );
  });
}
