import { collectFaults, type Fault, throwIfAny } from '../../lib/errors.ts';
import { DEFAULT_NAMESPACE, parseServiceAccounts } from '../../lib/operands/service-accounts.ts';
import { flagName } from '../../lib/settings/settings.ts';
import type { Binding } from '../ask/binding.ts';
import { type AskedBindings, bindingsOfFiles, type FilesRead } from '../ask/bindings-file/read-files.ts';
import { clusterNameFaults, nameProblems } from '../ask/name-problems.ts';
import { operandFaults } from '../ask/operands-with-files.ts';
import type { RoleOwner } from '../names.ts';
import type { UnbindSettings } from '../settings.ts';

/** A ServiceAccount, or one container of its pods, whose role goes. */
export interface UnbindTarget extends RoleOwner {
  /** Given name of the role. */
  readonly roleName: string | undefined;
  /** ARN of the role that a bindings file lets the ServiceAccount use. */
  readonly attachRoleArn: string | undefined;
  /** ARN of the target role in a bindings file. Left out: none is named there. */
  readonly targetRoleArn?: string | undefined;
  /** The bindings file names a role alone: its ServiceAccount stays as it is. */
  readonly roleOnly: boolean;
}

export interface AskedRemovals extends Pick<AskedBindings, 'clusters' | 'bindings'> {
  readonly targets: readonly UnbindTarget[];
}

/** Settings that an entry of a file has of its own. */
const FLAGS_OF_ONE = ['container', 'roleName'] as const;

/**
 * Returns what a command line asks to unbind: ServiceAccounts by name, or all that files name.
 * @param notice takes a line, for a person, about a part of a file that is not read
 * @throws PodroleError with every fault. A name becomes part of an address of the API server, and unbind may
 * delete the object there, so wrong names are refused before any call.
 */
export function readTargets(
  settings: UnbindSettings,
  operands: readonly string[],
  files: FilesRead,
  notice: (line: string) => void,
): AskedRemovals {
  const faults: Fault[] = [...clusterNameFaults(settings.clusterName)];
  const fromFiles = settings.filename.length > 0;
  const asked = collectFaults(faults, () =>
    fromFiles ? bindingsOfFiles(files, settings, notice) : undefined,
  );
  const targets = fromFiles
    ? (asked?.bindings ?? []).map(targetOf)
    : (collectFaults(faults, () => targetsOfFlags(settings, operands)) ?? []);
  if (fromFiles) {
    faults.push(...operandFaults(operands));
    for (const name of FLAGS_OF_ONE) if (settings[name] !== undefined) faults.push(isForOne(name));
  }
  for (const target of targets) faults.push(...nameFaults(target));
  throwIfAny(faults);
  return { targets, clusters: asked?.clusters ?? [], bindings: asked?.bindings ?? [] };
}

function targetOf(binding: Binding): UnbindTarget {
  const { namespace, serviceAccount, container, roleName, attachRoleArn, targetRoleArn, roleOnly } = binding;
  return { namespace, serviceAccount, container, roleName, attachRoleArn, targetRoleArn, roleOnly };
}

function targetsOfFlags(
  { namespace, container, roleName }: UnbindSettings,
  operands: readonly string[],
): readonly UnbindTarget[] {
  const named = parseServiceAccounts(operands, namespace);
  const faults: Fault[] = [];
  if (named.length === 0) {
    const remedy = 'write podrole unbind -n NAMESPACE NAME, or give --filename';
    faults.push({ code: 'MISSING_SETTING', object: 'ServiceAccount', problem: 'is not named', remedy });
  }
  if (named.length > 1 && roleName !== undefined) {
    const problem = `is for one ServiceAccount, and ${named.length} are named`;
    faults.push({ code: 'INVALID_SETTING', object: '--role-name', problem, remedy: 'run once for each' });
  }
  throwIfAny(faults);
  const unique = new Map(
    named.map(({ namespace: given = DEFAULT_NAMESPACE, name }) => [
      `${given}/${name}`,
      {
        namespace: given,
        serviceAccount: name,
        container,
        roleName,
        attachRoleArn: undefined,
        roleOnly: false,
      },
    ]),
  );
  return [...unique.values()];
}

function isForOne(name: (typeof FLAGS_OF_ONE)[number]): Fault {
  return {
    code: 'INVALID_SETTING',
    object: `--${flagName(name)}`,
    problem: 'is for one ServiceAccount, and --filename is for all that a file names',
    remedy: 'leave it out',
  };
}

function nameFaults(target: UnbindTarget): readonly Fault[] {
  const object = `ServiceAccount ${target.namespace}/${target.serviceAccount}`;
  return nameProblems(target).map((problem) => ({ code: 'INVALID_SETTING', object, ...problem }));
}
