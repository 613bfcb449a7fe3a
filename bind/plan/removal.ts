import { PODROLE_ANNOTATION } from '../../lib/contract/podrole.ts';
import { asArray, asObject, asText } from '../../lib/json/json.ts';
import { containerRolesIn } from '../desired/container-annotation.ts';
import { statementsOf } from '../trust/trust-policy-parts.ts';
import type { ShownStep } from './plan-step.ts';

/** True if a step takes something away that somebody may rely on: such a line of a plan must stand out. */
export function isRemoval({ call, document, effect }: ShownStep): boolean {
  if (!call) return effect === 'delete';
  if (call.service === 'cluster') {
    const { method } = call.change;
    return (
      method === 'DELETE' ||
      (method === 'PATCH' && (unsetsAnnotation(call.change.body) || losesContainer(document)))
    );
  }
  switch (call.operation) {
    case 'UpdateAssumeRolePolicy':
      return losesStatement(document?.before, document?.after);
    case 'UpdateOpenIDConnectProviderThumbprint':
      return losesItem(document?.before, document?.after);
    default:
      return /^(Detach|Delete|Remove|Untag)/.test(call.operation);
  }
}

/** A statement with the same Sid is a repair of it. */
function losesStatement(before: unknown, after: unknown): boolean {
  const identityOf = (statement: unknown) =>
    asText(asObject(statement)?.['Sid']) ?? JSON.stringify(statement);
  const left = new Set(statementsOf(asObject(after)).map(identityOf));
  return !statementsOf(asObject(before)).every((statement) => left.has(identityOf(statement)));
}

function losesItem(before: unknown, after: unknown): boolean {
  const left = asArray(after) ?? [];
  return !(asArray(before) ?? []).every((item) => left.includes(item));
}

function unsetsAnnotation(body: unknown): boolean {
  const annotations = asObject(asObject(asObject(body)?.['metadata'])?.['annotations']);
  return Object.values(annotations ?? {}).includes(null);
}

/** True if a container loses its entry of the annotation. Another role for it is not a loss. */
function losesContainer(document: ShownStep['document']): boolean {
  const containersIn = (annotations: unknown) =>
    containerRolesIn(asText(asObject(annotations)?.[PODROLE_ANNOTATION.containerRoles]) ?? '');
  const left = containersIn(document?.after);
  return [...(containersIn(document?.before)?.keys() ?? [])].some((container) => !left?.has(container));
}
