import { PodroleError, throwIfAny } from '../../lib/errors.ts';
import { type NamedServiceAccount, parseServiceAccounts } from '../../lib/operands/service-accounts.ts';
import type { BindingRow } from './binding-row.ts';
import type { ListSettings } from './settings.ts';

/** Rows that a command line asks for. */
export interface AskedRows {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly all: boolean;
  /** ServiceAccounts that operands name; empty: every one. */
  readonly named: readonly NamedServiceAccount[];
}

/** @throws PodroleError `INVALID_SETTING` */
export function askedOf(
  { all, allNamespaces, namespace }: ListSettings,
  operands: readonly string[],
): AskedRows {
  if (allNamespaces && namespace !== undefined) {
    const problem = `excludes --namespace, which is ${namespace}`;
    throw new PodroleError({
      code: 'INVALID_SETTING',
      object: '--all-namespaces',
      problem,
      remedy: 'give one of the two',
    });
  }
  const named = parseServiceAccounts(operands, namespace);
  const [first, ...others] = new Set(named.map((name) => name.namespace));
  return { all, named, namespace: others.length > 0 ? undefined : (first ?? namespace) };
}

/** Returns true for a row of a ServiceAccount, or of a container of its pods. */
export function isOf(row: BindingRow, { namespace, name }: NamedServiceAccount): boolean {
  const [serviceAccount] = row.serviceAccount?.split('/', 1) ?? [];
  return serviceAccount === name && (namespace === undefined || row.namespace === namespace);
}

/** @throws PodroleError `SERVICE_ACCOUNT_MISSING` for each named ServiceAccount without a row */
export function refuseMissing(named: readonly NamedServiceAccount[], rows: readonly BindingRow[]): void {
  throwIfAny(
    named
      .filter((name) => !rows.some((row) => isOf(row, name)))
      .map(({ namespace, name }) => ({
        code: 'SERVICE_ACCOUNT_MISSING',
        object: `ServiceAccount ${namespace === undefined ? name : `${namespace}/${name}`}`,
        problem: 'does not exist, and no role is for it',
        remedy: 'correct the name, or see podrole list --all',
      })),
  );
}
