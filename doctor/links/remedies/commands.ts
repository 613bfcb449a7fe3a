import { statementsOf } from '../../../bind/trust/trust-policy-parts.ts';
import { parseRoleArn } from '../../../lib/arn.ts';
import {
  annotationKey,
  DEFAULT_ANNOTATION_PREFIX,
  DEFAULT_TOKEN_AUDIENCE,
} from '../../../lib/contract/aws-webhook.ts';
import { asObject } from '../../../lib/json/json.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';

/**
 * Returns the command that makes the trust policy of a role let in the ServiceAccount, and annotates the
 * ServiceAccount with the role.
 */
export function bindTo(facts: ChainFacts, roleArn: string, ...flags: readonly string[]): string {
  return bindCommand(facts, '--attach-role-arn', roleArn, ...flags);
}

/** Returns a `podrole bind` for the ServiceAccount, or for the container, of a chain. */
export function bindCommand(facts: ChainFacts, ...flags: readonly string[]): string {
  const { subject, serviceAccountName, container, podRole, settings } = facts;
  const { annotationPrefix } = settings;
  const isUsual = flags.includes('--token-audience') || baseAudience(facts) === DEFAULT_TOKEN_AUDIENCE;
  return line([
    ...['podrole', 'bind', '-n', subject.namespace, serviceAccountName],
    ...(container === undefined ? [] : ['--container', container]),
    ...flags,
    // Else podrole bind would annotate the ServiceAccount, whose other pods may name other roles.
    ...(podRole ? ['--role-only'] : []),
    ...(annotationPrefix === DEFAULT_ANNOTATION_PREFIX ? [] : ['--annotation-prefix', annotationPrefix]),
    ...(isUsual ? [] : audienceFlag(facts)),
    ...(isRoleName(facts) ? ['--compose-role-arn'] : []),
    '--approve',
  ]);
}

/** True if the annotation is only the name of a role. */
function isRoleName({ cluster: { serviceAccount }, settings, grant }: ChainFacts): boolean {
  if (serviceAccount.state !== 'read' || !grant) return false;
  const given = serviceAccount.value.annotations[annotationKey(settings.annotationPrefix, 'roleArn')];
  return given !== undefined && !parseRoleArn(given) && grant.roleArn.endsWith(`role/${given}`);
}

/** Names the audience even if it is the usual one: else podrole bind takes that of the role's statement. */
export function audienceFlag(facts: ChainFacts): readonly string[] {
  return ['--token-audience', baseAudience(facts)];
}

/** The audience of a container ends with its name, which podrole bind adds itself. */
function baseAudience({ grant, container, settings }: ChainFacts): string {
  const audience = grant?.audience ?? settings.tokenAudience;
  const suffix = `/${container}`;
  return container !== undefined && audience.endsWith(suffix) ? audience.slice(0, -suffix.length) : audience;
}

export function ensureProvider(issuer: string, audience: string): string {
  const clientId = audience === DEFAULT_TOKEN_AUDIENCE ? [] : ['--client-id', audience];
  return line(['podrole', 'provider', 'ensure', '--issuer', issuer, ...clientId, '--approve']);
}

/** Longer policies are not trust policies of AWS, and too long to paste. */
const MAX_POLICY_LENGTH = 4_096;

/** Returns the command that replaces a trust policy; none if the policy is too long for a command line. */
export function replaceTrustPolicy(roleName: string, policy: unknown): readonly string[] {
  const document = JSON.stringify(policy);
  if (document.length > MAX_POLICY_LENGTH) return [];
  const call = ['aws', 'iam', 'update-assume-role-policy', '--role-name', roleName];
  return [line([...call, '--policy-document', document])];
}

/** Returns a policy with its statements replaced; one that becomes undefined is left out. */
export function withStatements(
  policy: unknown,
  change: (statement: unknown, at: number) => unknown,
): unknown {
  const document = asObject(policy) ?? {};
  const Statement = statementsOf(document)
    .map(change)
    .filter((statement) => statement !== undefined);
  return { ...document, Statement };
}

/** Joins words to a command line for a POSIX shell. */
export function line(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
