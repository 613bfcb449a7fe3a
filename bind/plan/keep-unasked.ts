import { containerAudience } from '../../identity/roles.ts';
import { issuerHostPath } from '../../lib/issuer.ts';
import { asObject } from '../../lib/json/json.ts';
import type { Binding } from '../ask/binding.ts';
import { annotatedAudience } from '../desired/annotated-audience.ts';
import type { BindingContext } from '../desired/resolve-binding.ts';
import type { BindingFacts } from '../facts/collect-facts.ts';
import { readStatement } from '../trust/covers-entry.ts';
import { subjectOf } from '../trust/describe-subject.ts';
import { statementsOf } from '../trust/trust-policy-parts.ts';
import { entrySid } from '../trust/trust-statement.ts';

export interface Unasked {
  /** The audience of the command line; undefined if it is not given. */
  readonly tokenAudience: string | undefined;
  readonly context: BindingContext;
}

/** A binding that asks for the existing path and audience where the user asked for none. */
export interface CompletedBinding {
  readonly binding: Binding;
  readonly context: BindingContext;
  readonly notes: readonly string[];
}

/**
 * Completes a binding with what exists: a path or an audience that is not asked for stays as it is. Without
 * this, a second run without the flag would look for the role elsewhere, and would refuse the pods' tokens.
 */
export function keepUnasked(
  asked: Binding,
  { role: found, serviceAccount }: BindingFacts,
  { tokenAudience, context }: Unasked,
): CompletedBinding {
  const role = found === 'elsewhere' ? undefined : found;
  const isAttached = asked.attachRoleArn !== undefined;
  const binding = isAttached || !role ? asked : { ...asked, rolePath: asked.rolePath ?? role.path };
  const annotated = annotatedAudience(serviceAccount?.object, context.annotationPrefix);
  const audience = asked.audience ?? tokenAudience;
  if (audience !== undefined) {
    // The annotation of an earlier run would still name the other audience.
    return annotated === undefined || annotated === audience
      ? { binding, context, notes: [] }
      : { binding: { ...binding, audience }, context: { ...context, audience: annotated }, notes: [] };
  }
  if (annotated !== undefined) return { binding, context: { ...context, audience: annotated }, notes: [] };
  const trusted = role && trustedAudience(role.trustPolicy, binding, context.issuer);
  if (trusted === undefined || trusted === context.audience) return { binding, context, notes: [] };
  const note = `role ${role?.name} keeps its audience ${trusted}; give --token-audience to change it`;
  return { binding, context: { ...context, audience: trusted }, notes: [note] };
}

/** Returns the one audience of podrole's own statement for a binding; undefined if there is not just one. */
function trustedAudience(
  policy: unknown,
  { namespace, serviceAccount, container, subjectPattern }: Binding,
  issuer: string,
): string | undefined {
  const subject = subjectPattern ?? subjectOf(namespace, serviceAccount);
  const sid = entrySid({ issuer, subject, container });
  const own = statementsOf(asObject(policy)).find((statement) => asObject(statement)?.['Sid'] === sid);
  const key = `${issuerHostPath(issuer)}:aud`.toLowerCase();
  const found = (own === undefined ? undefined : readStatement(own))?.conditions.filter(
    (condition) => condition.key.toLowerCase() === key && condition.operator.name === 'StringEquals',
  );
  const [audience, ...more] = found?.flatMap(({ expected }) => expected) ?? [];
  if (audience === undefined || more.length > 0) return undefined;
  const suffix = container === undefined ? '' : containerAudience('', container);
  return audience.endsWith(suffix) ? audience.slice(0, audience.length - suffix.length) : undefined;
}
