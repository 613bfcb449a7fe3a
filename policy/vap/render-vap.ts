import { printable } from '../../lib/text/printable.ts';
import type { RolePolicy } from '../role-policy.ts';
import { ROLE_MAX_LENGTH } from '../rule-limits.ts';
import type { POLICY_MODES } from '../settings.ts';
import { annotationAllows, annotationVariables } from './annotation-rule.ts';
import { celString } from './cel.ts';
import { fileAllows, fileVariables } from './file-rules.ts';
import { podSubject, type Subject, serviceAccountSubject } from './subjects.ts';

export interface VapInput {
  /** Without one, only the annotation `podrole.dev/allowed-roles` of Namespaces decides. */
  readonly policy: RolePolicy | undefined;
  readonly mode: (typeof POLICY_MODES)[number];
  readonly annotationPrefix: string;
  /** Prefix that completes role names in the annotations of ServiceAccounts. */
  readonly baseRoleArn: string | undefined;
}

const API_VERSION = 'admissionregistration.k8s.io/v1';
const LABELS = { 'app.kubernetes.io/name': 'podrole', 'app.kubernetes.io/component': 'policy' };

/** In audit mode, the API server notes a refusal in its audit log. */
const ACTIONS = { audit: ['Audit'], warn: ['Warn', 'Audit'], enforce: ['Deny'] } as const;

/**
 * Returns the rules as ValidatingAdmissionPolicies of Kubernetes 1.30 and later, each with its binding: one
 * for pods, and one for ServiceAccounts. What CEL cannot compute within its limits is refused, since
 * `failurePolicy` is `Fail`.
 */
export function renderVap(input: VapInput): readonly Readonly<Record<string, unknown>>[] {
  const subjects = [serviceAccountSubject(input.annotationPrefix, input.baseRoleArn), podSubject];
  return subjects.flatMap((subject) => [policyOf(subject, input), bindingOf(subject, input)]);
}

function nameOf({ name }: Subject): string {
  return `${name}.roles.podrole.dev`;
}

/** Lists in which the first role is left once: most pods have the same one in all their containers. */
const judgedRoles = {
  name: 'judgedRoles',
  expression:
    'size(variables.namedRoles) == 0 ? [] : variables.namedRoles.map(list, list.filter(role, role != variables.namedRoles[0][0])).filter(list, size(list) > 0) + [[variables.namedRoles[0][0]]]',
};

function policyOf(subject: Subject, { policy }: VapInput) {
  const role = 'role';
  const isRefused = (allows: string) =>
    `variables.judgedRoles.map(list, list.filter(role, role != "" && !(size(role) <= ${ROLE_MAX_LENGTH} && ${allows}))).filter(list, size(list) > 0)`;
  const ofFile = policy && [{ name: 'refusedByFile', expression: isRefused(fileAllows(policy, role)) }];
  const refused = [
    ...(ofFile ?? []),
    { name: 'refusedByAnnotation', expression: isRefused(annotationAllows(role)) },
  ];
  const origin = printable(policy?.origin ?? '');
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: nameOf(subject), labels: LABELS },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: subject.resourceRules },
      variables: [
        ...subject.variables,
        judgedRoles,
        ...(policy ? fileVariables(policy) : []),
        ...annotationVariables,
        ...refused,
      ],
      validations: [
        ...(ofFile ? [validationOf('refusedByFile', `the role policy ${origin} does not allow`)] : []),
        validationOf('refusedByAnnotation', 'annotation podrole.dev/allowed-roles does not allow'),
      ],
    },
  };
}

function validationOf(variable: string, problem: string) {
  const subject = '"ServiceAccount " + request.namespace + "/" + variables.serviceAccount';
  return {
    expression: `size(variables.${variable}) == 0`,
    messageExpression: `${subject} + ${celString(`: ${problem} role `)} + variables.${variable}[0][0]`,
    // For a message that would be too long, or would have a line break.
    message: `${problem} a role of this object; see podrole policy`,
    reason: 'Forbidden',
  };
}

function bindingOf(subject: Subject, { mode }: VapInput) {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: nameOf(subject), labels: LABELS },
    spec: { policyName: nameOf(subject), validationActions: ACTIONS[mode] },
  };
}
