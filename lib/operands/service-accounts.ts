import { type Fault, throwIfAny } from '../errors.ts';
import { isNamespaceName, isObjectName, NAMESPACE_RULE, OBJECT_NAME_RULE } from '../kubernetes-names.ts';
import { looksLikeFile } from './file-operand.ts';
import { quotedOperand } from './quoted-operand.ts';

/** ServiceAccount that a command line names. */
export interface NamedServiceAccount {
  /** Undefined if the command line names none. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** kubectl's words for the kind, in lower case: kubectl accepts any case. */
const KIND_WORDS = new Set(['sa', 'serviceaccount', 'serviceaccounts']);

/** Other kinds that users name, with their words in kubectl. */
const OTHER_KINDS: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  [
    ['pod', 'pods', 'po'],
    ['Deployment', 'deployments', 'deploy'],
    ['StatefulSet', 'statefulsets', 'sts'],
    ['DaemonSet', 'daemonsets', 'ds'],
    ['ReplicaSet', 'replicasets', 'rs'],
    ['Job', 'jobs'],
    ['CronJob', 'cronjobs', 'cj'],
  ].flatMap(([kind = '', ...words]) => [kind.toLowerCase(), ...words].map((word) => [word, kind] as const)),
);

/** Namespace of a command that needs one, if its command line names none. */
export const DEFAULT_NAMESPACE = 'default';

/**
 * Returns the ServiceAccounts that operands name, as kubectl's users write them: `web`, `sa/web`, `sa web`,
 * `serviceaccount/web` and `shop/web`. The namespace is that of the operand, else `--namespace`.
 * @param namespace `--namespace`; undefined if it is not given
 * @param takesContainer false for a command without --container
 * @throws PodroleError `INVALID_SETTING` with a fault for each operand that names something else, with the
 * right spelling
 */
export function parseServiceAccounts(
  operands: readonly string[],
  namespace: string | undefined,
  takesContainer = true,
): readonly NamedServiceAccount[] {
  const [first = '', ...others] = operands;
  const isKind = KIND_WORDS.has(first.toLowerCase()) && others.length > 0;
  const faults: Fault[] = [];
  const named: NamedServiceAccount[] = [];
  for (const operand of isKind ? others : operands) {
    const found = parseServiceAccount(operand, namespace, takesContainer);
    if ('name' in found) named.push(found);
    else faults.push({ code: 'INVALID_SETTING', ...found });
  }
  throwIfAny(faults);
  return named;
}

/**
 * Returns the ServiceAccount of a command that takes exactly one.
 * @param remedy advice if there is none: `write podrole test -n NAMESPACE NAME`
 * @throws PodroleError `MISSING_SETTING`, `INVALID_SETTING`
 */
export function parseOneServiceAccount(
  operands: readonly string[],
  namespace: string | undefined,
  remedy: string,
): NamedServiceAccount & { readonly namespace: string } {
  const [first, ...more] = parseServiceAccounts(operands, namespace);
  const faults: Fault[] = [];
  if (!first)
    faults.push({ code: 'MISSING_SETTING', object: 'ServiceAccount', problem: 'is not named', remedy });
  if (more.length > 0) {
    const problem = `names ${more.length + 1} ServiceAccounts, and this command takes one`;
    const object = quotedOperand(operands.join(' '));
    faults.push({ code: 'INVALID_SETTING', object, problem, remedy: 'run it once for each' });
  }
  throwIfAny(faults);
  return { namespace: first?.namespace ?? DEFAULT_NAMESPACE, name: first?.name ?? '' };
}

type Parts = Omit<Fault, 'code'>;

function parseServiceAccount(
  operand: string,
  given: string | undefined,
  takesContainer: boolean,
): NamedServiceAccount | Parts {
  const object = operand === '' ? 'ServiceAccount' : quotedOperand(operand);
  const [head = '', name, container, ...more] = operand.split('/', 4);
  const hasTwoParts = name !== undefined && container === undefined;
  if (hasTwoParts && KIND_WORDS.has(head.toLowerCase())) return checked(object, given, name);
  if (looksLikeFile(operand)) {
    const remedy = `write -f ${quotedOperand(operand)} for a file, or sa/NAME for a ServiceAccount`;
    return { object, problem: 'is a file, not the name of a ServiceAccount', remedy };
  }
  const [, ofSubject, nameOfSubject] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(operand) ?? [];
  if (ofSubject !== undefined)
    return { object, problem: 'is a subject', remedy: `write ${ofSubject}/${nameOfSubject}` };
  if (name === undefined) return checked(object, given, operand);
  if (container !== undefined) return ofManyParts(object, [head, name, container, ...more], takesContainer);
  const kind = OTHER_KINDS[head.toLowerCase()];
  if (kind !== undefined && given === undefined) {
    const remedy = `write the ServiceAccount that it runs with, as sa/NAME; if ${head} is a namespace, write -n ${head} ${name}`;
    return { object, problem: `is a ${kind}, not a ServiceAccount`, remedy };
  }
  if (given === undefined || given === head) return checked(object, head, name);
  const ofContainer = takesContainer ? `; for a container of ${head}, write ${head} --container ${name}` : '';
  const remedy = `give one of the two${ofContainer}`;
  return { object, problem: `is in namespace ${head}, and --namespace is ${given}`, remedy };
}

/** `shop/web/fluentd` is how plans name a container, and `shop/sa/web` mixes two spellings. */
function ofManyParts(
  object: string,
  [namespace = '', name = '', last = '', ...more]: readonly string[],
  takesContainer: boolean,
): Parts {
  const problem = 'has too many parts';
  if (more.length > 0 || !isNamespaceName(namespace))
    return { object, problem, remedy: 'write NAMESPACE/NAME or sa/NAME' };
  const remedy = KIND_WORDS.has(name.toLowerCase())
    ? `write ${namespace}/${last}`
    : `write ${namespace}/${name}${takesContainer ? ` --container ${last}` : ''}`;
  return { object, problem, remedy };
}

function checked(object: string, namespace: string | undefined, name: string): NamedServiceAccount | Parts {
  if (namespace !== undefined && !isNamespaceName(namespace))
    return {
      object,
      problem: `has ${quotedOperand(namespace)} for a namespace`,
      remedy: `give ${NAMESPACE_RULE}`,
    };
  if (!isObjectName(name))
    return {
      object,
      problem: `has ${quotedOperand(name)} for a ServiceAccount`,
      remedy: `give ${OBJECT_NAME_RULE}`,
    };
  return { namespace, name };
}
