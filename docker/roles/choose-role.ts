import { oddityOf, type RoleArn } from '../../lib/arn.ts';
import { CONTAINER_ROLE_VARIABLE, ROLE_LABEL } from '../../lib/contract/podrole.ts';
import { SESSION_POLICY } from '../../lib/contract/sts.ts';
import { describeFault } from '../../lib/errors.ts';
import { printable } from '../../lib/text/printable.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { isAllowed } from './allowed-roles.ts';
import { composeServiceOf, isNamedByCompose } from './compose-service.ts';
import type { ContainerGrant, RoleChoice } from './container-grant.ts';
import { type ContainerRule, ruleMatches } from './container-rule.ts';
import { readRole } from './read-role.ts';
import { sessionPolicyProblem } from './session-policy.ts';

/** All that decides about roles, besides the container itself. */
export interface RoleRules {
  /** Rules of the role file; the first that matches counts. Empty without a file. */
  readonly file: readonly ContainerRule[];
  /** Patterns of `--allow`; empty if none is given. */
  readonly allow: readonly string[];
  readonly defaultRole: RoleArn | undefined;
  /** Prefix that completes names of roles. */
  readonly baseRoleArn: string | undefined;
}

type Refusal = Extract<RoleChoice, { kind: 'refused' }>;
type Named = Omit<ContainerGrant, 'sessionPolicy'> & { readonly rulePolicy?: string | undefined };

/**
 * Decides which role a container gets. The first of these that names one wins: the label
 * `podrole.dev/role-arn`, the variable IAM_ROLE, the role file, `--default-role`. If that one is invalid or
 * not allowed, the container is refused: it never gets the role of a later one. An empty label or IAM_ROLE
 * counts as not set, as Compose writes a variable without a value. Any other label of podrole.dev, such as
 * `podrole.dev/role`, is a mistake and a refusal too: the container would get another role than it names.
 *
 * A label or variable may come from the image, so whoever built it would choose among all roles that the host
 * may assume. Therefore such a role needs `--allow`. The role file and `--default-role` are the operator's
 * word: they need none, but may not exceed it if it is given.
 *
 * IAM_POLICY narrows the role of every source, unless a rule of the file has a policy of its own, since an
 * image must not replace that. An invalid or empty one is a refusal: without it the session would have more
 * rights.
 *
 * The work is bounded by limits on the length of all values. No refusal repeats a variable, except the ARN of
 * a role.
 */
export function chooseRole(container: HostContainer, rules: RoleRules): RoleChoice {
  const named = whyUnknownLabel(container) ?? namedRole(container, rules);
  if (named === undefined) return { kind: 'without-role' };
  if ('kind' in named) return named;
  const { rulePolicy, ...grant } = named;
  const notAllowed = whyNotAllowed(grant, rules.allow);
  if (notAllowed) return notAllowed;
  const own = container.environment.get(CONTAINER_ROLE_VARIABLE.policy);
  if (rulePolicy !== undefined || own === undefined) {
    return { kind: 'granted', grant: { ...grant, sessionPolicy: rulePolicy } };
  }
  const problem = sessionPolicyProblem(own);
  if (problem === undefined) return { kind: 'granted', grant: { ...grant, sessionPolicy: own } };
  return refused(
    `Variable ${CONTAINER_ROLE_VARIABLE.policy}`,
    problem,
    `write an IAM policy in JSON of at most ${SESSION_POLICY.maxLength} characters, or remove the variable`,
  );
}

/** Returns the rule of the role file that counts for a container. */
export function ruleFor(container: HostContainer, rules: RoleRules): ContainerRule | undefined {
  return rules.file.find((rule) => ruleMatches(rule, container));
}

function namedRole(container: HostContainer, rules: RoleRules): Named | Refusal | undefined {
  const label = container.labels.get(ROLE_LABEL);
  if (label) return ownRole(label, 'label', rules.baseRoleArn);
  const variable = container.environment.get(CONTAINER_ROLE_VARIABLE.role);
  if (variable) return ownRole(variable, 'environment', rules.baseRoleArn);
  const rule = ruleFor(container, rules);
  if (rule) {
    return (
      whyNotOfCompose(rule, container) ?? { role: rule.role, source: 'file', rulePolicy: rule.sessionPolicy }
    );
  }
  return rules.defaultRole && { role: rules.defaultRole, source: 'default' };
}

const OBJECT: Readonly<Record<ContainerGrant['source'], string>> = {
  label: `Label ${ROLE_LABEL}`,
  environment: `Variable ${CONTAINER_ROLE_VARIABLE.role}`,
  file: 'Role file',
  default: '--default-role',
};

function ownRole(
  given: string,
  source: 'label' | 'environment',
  baseRoleArn: string | undefined,
): Named | Refusal {
  const read = readRole(given, baseRoleArn);
  return read.ok ? { role: read.role, source } : refused(OBJECT[source], read.problem, read.remedy);
}

function whyNotAllowed(
  { role, source }: Pick<ContainerGrant, 'role' | 'source'>,
  allow: readonly string[],
): Refusal | undefined {
  if (allow.length === 0 && (source === 'file' || source === 'default')) return undefined;
  const { arn } = role;
  if (isAllowed(arn, allow)) return undefined;
  const oddity = oddityOf(role);
  if (oddity) return refused(OBJECT[source], `names ${arn}, which ${oddity}`, 'write the ARN that IAM shows');
  const problem =
    allow.length === 0
      ? `names ${arn}, but an image can do so too, and no role is allowed to containers that name one`
      : `names ${arn}, which no pattern of --allow matches`;
  return refused(OBJECT[source], problem, 'start podrole docker with --allow and a pattern that matches it');
}

/** Labels that begin so are podrole's own, whatever the case of their letters. */
const LABEL_PREFIX = ROLE_LABEL.slice(0, ROLE_LABEL.indexOf('/') + 1);
/** Most characters of a label that a refusal repeats. */
const SHOWN = 100;

function whyUnknownLabel({ labels }: HostContainer): Refusal | undefined {
  const unknown = [...labels.keys()].find(
    (label) => label !== ROLE_LABEL && label.slice(0, LABEL_PREFIX.length).toLowerCase() === LABEL_PREFIX,
  );
  if (unknown === undefined) return undefined;
  return refused(
    `Label ${printable(unknown.slice(0, SHOWN))}`,
    'is unknown',
    `write ${ROLE_LABEL}, or remove it`,
  );
}

/** An image can have the labels of Compose. So the name must be of Compose too, or in the rule. */
function whyNotOfCompose(rule: ContainerRule, container: HostContainer): Refusal | undefined {
  const service = composeServiceOf(container);
  if (rule.service === undefined || rule.container !== undefined || !service) return undefined;
  if (isNamedByCompose(container.name, service)) return undefined;
  return refused(
    `Role file, line ${rule.line}`,
    'matches labels of Compose, which an image can have too, and the name of the container is not of that service',
    'add its name to the rule, as container',
  );
}

function refused(object: string, problem: string, remedy: string): Refusal {
  return { kind: 'refused', reason: describeFault({ object, problem, remedy }) };
}
