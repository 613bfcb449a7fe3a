import { type Fault, throwIfAny } from '../errors.ts';
import { isNamespaceName, isObjectName, NAMESPACE_RULE, OBJECT_NAME_RULE } from '../kubernetes-names.ts';
import { looksLikeFile } from './file-operand.ts';
import { quotedOperand } from './quoted-operand.ts';
import { DEFAULT_NAMESPACE } from './service-accounts.ts';

/** Kinds of objects whose pods have a ServiceAccount, each with kubectl's words for it. */
const WORDS = {
  pod: ['pod', 'pods', 'po'],
  serviceaccount: ['serviceaccount', 'serviceaccounts', 'sa'],
  deployment: ['deployment', 'deployments', 'deploy'],
  statefulset: ['statefulset', 'statefulsets', 'sts'],
  daemonset: ['daemonset', 'daemonsets', 'ds'],
  job: ['job', 'jobs'],
  cronjob: ['cronjob', 'cronjobs', 'cj'],
} as const;

export type SubjectKind = keyof typeof WORDS;

/** Object that a command line names, and whose pods or whose ServiceAccount a command is about. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly namespace: string;
  readonly name: string;
}

const KINDS: ReadonlyMap<string, SubjectKind> = new Map(
  (Object.keys(WORDS) as SubjectKind[]).flatMap((kind) => WORDS[kind].map((word) => [word, kind] as const)),
);

const JUDGED_KINDS = 'pod/NAME, deployment/NAME or the name of another workload';

/** Kinds between a workload and its pods: the workload is asked for. */
const OTHER_KINDS = new Set(['rs', 'replicaset', 'replicasets', 'rc', 'replicationcontroller']);

/** Returns the kind that a word of kubectl names, in any case of its letters. */
export function subjectKind(word: string): SubjectKind | undefined {
  return KINDS.get(word.toLowerCase());
}

/**
 * Returns the objects that operands name, as kubectl's users write them: `pod/web-0`, `deploy/web`,
 * `deploy web api`. Without a kind, they are ServiceAccounts: `web`, `shop/web`. The same object counts once.
 * @param namespace `--namespace`; undefined if it is not given
 * @throws PodroleError `INVALID_SETTING` with a fault for each operand that names something else
 */
export function parseSubjects(
  operands: readonly string[],
  namespace: string | undefined,
): readonly Subject[] {
  const [first = '', ...others] = operands;
  const kind = others.length > 0 ? subjectKind(first) : undefined;
  const written = kind === undefined ? operands : others.map((name) => `${kind}/${name}`);
  const faults: Fault[] = [];
  const found = new Map<string, Subject>();
  for (const operand of written) {
    const subject = parseSubject(operand, namespace);
    if ('name' in subject) found.set(describeSubject(subject), subject);
    else faults.push({ code: 'INVALID_SETTING', object: objectOf(operand), ...subject });
  }
  throwIfAny(faults);
  return [...found.values()];
}

/** `pod shop/web-0`, `serviceaccount shop/web` */
export function describeSubject({ kind, namespace, name }: Subject): string {
  return `${kind} ${namespace}/${name}`;
}

function objectOf(operand: string): string {
  return operand === '' ? 'operand' : quotedOperand(operand);
}

type Parts = Pick<Fault, 'problem' | 'remedy'>;

function parseSubject(operand: string, given: string | undefined): Subject | Parts {
  const [head = '', name, ...more] = operand.split('/', 4);
  const kind = name === undefined ? undefined : subjectKind(head);
  if (kind !== undefined && name !== undefined)
    return more.length > 0 ? manyParts(head) : checked(kind, given ?? DEFAULT_NAMESPACE, name);
  if (looksLikeFile(operand))
    return {
      problem: 'is a file',
      remedy: 'name the pod, the workload or the ServiceAccount in the cluster',
    };
  const [, ofSubject, nameOfSubject] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(operand) ?? [];
  if (ofSubject !== undefined)
    return { problem: 'is a subject', remedy: `write ${ofSubject}/${nameOfSubject}` };
  if (name === undefined) return checked('serviceaccount', given ?? DEFAULT_NAMESPACE, operand);
  if (more.length > 0) return manyParts(subjectKind(name) ?? 'serviceaccount', head);
  if (given !== head && OTHER_KINDS.has(head.toLowerCase()))
    return {
      problem: `is of a kind that has no credentials of its own to judge`,
      remedy: `write the workload or the pod: deployment/NAME, pod/NAME`,
    };
  if (given !== undefined && given !== head)
    return {
      problem: `is in namespace ${quotedOperand(head)}, and --namespace is ${given}`,
      remedy: `give one of the two; if ${quotedOperand(head)} is a kind, write ${JUDGED_KINDS}`,
    };
  return checked('serviceaccount', head, name);
}

function manyParts(kind: string, namespace = 'NAMESPACE'): Parts {
  return {
    problem: 'has too many parts',
    remedy: `write -n ${quotedOperand(namespace)} ${kind.toLowerCase()}/NAME`,
  };
}

function checked(kind: SubjectKind, namespace: string, name: string): Subject | Parts {
  if (!isNamespaceName(namespace))
    return { problem: `has ${quotedOperand(namespace)} for a namespace`, remedy: `give ${NAMESPACE_RULE}` };
  if (!isObjectName(name))
    return { problem: `has ${quotedOperand(name)} for a ${kind}`, remedy: `give ${OBJECT_NAME_RULE}` };
  return { kind, namespace, name };
}
