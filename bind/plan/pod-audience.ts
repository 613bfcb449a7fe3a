import type { Fault } from '../../lib/errors.ts';
import type { Binding } from '../ask/binding.ts';
import { annotatedAudience } from '../desired/annotated-audience.ts';
import type { BindingFacts } from '../facts/collect-facts.ts';
import { ownerId } from '../names.ts';
import type { Unasked } from './keep-unasked.ts';

/**
 * Gives the bindings of containers the audience that a binding of their ServiceAccount asks for: all roles of
 * a ServiceAccount have it in common.
 */
export function withAudienceOfPods(asked: readonly Binding[]): readonly Binding[] {
  const audiences = new Map(
    asked
      .filter(({ container }) => container === undefined)
      .map((binding) => [accountId(binding), binding.audience]),
  );
  return asked.map((binding) => ({
    ...binding,
    audience: binding.audience ?? audiences.get(accountId(binding)),
  }));
}

/**
 * Returns the faults of bindings that would change the audience of a ServiceAccount for one container alone:
 * its other roles would refuse the tokens.
 */
export function audienceFaults(
  pairs: readonly { readonly binding: Binding; readonly found: BindingFacts }[],
  { tokenAudience, context }: Unasked,
): readonly Fault[] {
  const ofPods = new Set(
    pairs.filter(({ binding }) => binding.container === undefined).map(({ binding }) => accountId(binding)),
  );
  return pairs.flatMap(({ binding, found }): readonly Fault[] => {
    const { namespace, serviceAccount, container } = binding;
    const annotated = annotatedAudience(found.serviceAccount?.object, context.annotationPrefix);
    const isOther = annotated !== undefined && tokenAudience !== undefined && annotated !== tokenAudience;
    if (container === undefined || !isOther || ofPods.has(accountId(binding))) return [];
    return [
      {
        code: 'INVALID_BINDING',
        object: `binding ${ownerId(binding)}`,
        problem: `would change the audience from ${annotated} to ${tokenAudience} for all roles of the ServiceAccount`,
        remedy: `leave --token-audience out, or first run podrole bind -n ${namespace} ${serviceAccount} with it`,
      },
    ];
  });
}

function accountId({ namespace, serviceAccount }: Binding): string {
  return `${namespace}/${serviceAccount}`;
}
