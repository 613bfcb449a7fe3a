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
      remedy: 'give one of the two; PODROLE_NAMESPACE and PODROLE_ALL_NAMESPACES count as given',
    });
  }
  const named = parseServiceAccounts(operands, namespace, false);
  const [first, ...others] = new Set(named.map((name) => name.namespace));
  return { all, named, namespace: others.length > 0 ? undefined : (first ?? namespace) };
}

/** Returns what finds the rows of named ServiceAccounts, those of containers of their pods too. */
export function rowsNamed(named: readonly NamedServiceAccount[]): (row: BindingRow) => boolean {
  const keys = new Set(named.map(keyOf));
  return (row) => keysOf(row).some((key) => keys.has(key));
}

/** A name without a namespace is of any. */
function keyOf({ namespace = '', name }: NamedServiceAccount): string {
  return `${namespace}/${name}`;
}

function keysOf({ namespace = '', serviceAccount = '' }: BindingRow): readonly string[] {
  const [name = ''] = serviceAccount.split('/', 1);
  return [`/${name}`, `${namespace}/${name}`];
}

/** @throws PodroleError `SERVICE_ACCOUNT_MISSING` for each named ServiceAccount without a row */
export function refuseMissing(named: readonly NamedServiceAccount[], rows: readonly BindingRow[]): void {
  const found = new Set(rows.flatMap(keysOf));
  throwIfAny(
    named
      .filter((name) => !found.has(keyOf(name)))
      .map(({ namespace, name }) => ({
        code: 'SERVICE_ACCOUNT_MISSING',
        object: `ServiceAccount ${namespace === undefined ? name : `${namespace}/${name}`}`,
        problem: 'does not exist, and no role is for it',
        remedy: 'correct the name, or see podrole list --all',
      })),
  );
}
