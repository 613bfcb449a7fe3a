import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { migratedRole, migratedWorkload, migrationModel } from '../../testing/migrate/model.ts';
import { movedModel } from '../../testing/migrate/steps.ts';
import type { MigratedWorkload, MigrationModel } from '../model.ts';
import { movedRoles } from './clean-up/moved-roles.ts';
import { namespacePage } from './namespaces/namespace-page.ts';
import { workloadPatch } from './namespaces/patches.ts';
import { type Move, movesOf } from './parts/moves.ts';
import { trustStep } from './trust/trust-files.ts';

function workloads(size: number, changes: (at: number) => Partial<MigratedWorkload>) {
  return Array.from({ length: size }, (_, at) => migratedWorkload('shop', `w${at}`, changes(at)));
}

const PLANS: Readonly<Record<string, (size: number) => MigrationModel>> = {
  'each workload has a role and a ServiceAccount of its own': (size) =>
    migrationModel({
      workloads: workloads(size, () => ({})),
      roles: Array.from({ length: size }, (_, at) => migratedRole(`shop-w${at}`, [`shop/w${at}`])),
    }),
  'each workload is in a namespace of its own': (size) =>
    migrationModel({
      workloads: workloads(size, (at) => ({ namespace: `n${at}` })),
      namespaces: Array.from({ length: size }, (_, at) => ({
        name: `n${at}`,
        allowedRoles: undefined,
        permitted: undefined,
        proposedAllowedRoles: ['x'],
      })),
    }),
  'all share a role': (size) =>
    migrationModel({
      workloads: workloads(size, () => ({ given: 'one' })),
      roles: [
        migratedRole(
          'one',
          Array.from({ length: size }, (_, at) => `shop/w${at}`),
        ),
      ],
    }),
  'all share a ServiceAccount, and are split': (size) =>
    migrationModel({
      workloads: workloads(size, (at) => ({ serviceAccount: 'all', newServiceAccount: `all-${at}` })),
      roles: Array.from({ length: size }, (_, at) => migratedRole(`shop-w${at}`, [`shop/all-${at}`])),
    }),
  'all are annotated by hand': (size) =>
    migrationModel({ workloads: workloads(size, () => ({ annotatedIn: 'pods', needs: 'sidecar' })) }),
  'all have moved': (size) =>
    movedModel({
      workloads: workloads(size, () => ({ given: 'shop-web', serviceAccountRole: 'shop-web' })),
    }),
};

/** Parts of `stepFiles`. As a whole, YAML takes so many steps that others would not show. */
const PARTS: Readonly<Record<string, (model: MigrationModel, moves: readonly Move[]) => unknown>> = {
  moves: (model) => movesOf(model),
  trust: (model, moves) => trustStep(moves, model),
  'moved roles': (model) => movedRoles(model),
  page: (model, moves) =>
    namespacePage(
      {
        ...{ folder: 'f', namespace: 'shop', moves, hasRule: true, hasNew: true, lacksRights: true },
        patches: moves.flatMap((move) => workloadPatch(move) ?? []),
      },
      model,
    ),
};
for (const [name, plan] of Object.entries(PLANS)) {
  for (const [part, act] of Object.entries(PARTS)) {
    test(`the work grows linearly: ${part}, if ${name}`, () =>
      assertLinear((size) => {
        const model = plan(size);
        const { moves } = movesOf(model);
        return () => act(model, moves);
      }));
  }
}
