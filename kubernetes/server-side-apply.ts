import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import type { ApiAnswer, ApiChange } from './api-client.ts';

/** Name under which the API server records the fields that podrole applies. */
const FIELD_MANAGER = 'podrole';

export interface ApplyOptions {
  /** The API server answers what would be there, and stores nothing. */
  readonly dryRun?: boolean;
  /** Takes fields that other managers set. */
  readonly force?: boolean;
}

/**
 * Returns a server-side apply of an object: a field of it that others set is a conflict, and fields that it
 * does not name stay as they are. [k8s] "Server-Side Apply"
 */
export function serverSideApply(
  path: string,
  object: JsonObject,
  { dryRun = false, force = false }: ApplyOptions,
): ApiChange {
  const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' });
  if (dryRun) query.set('dryRun', 'All');
  if (force) query.set('force', 'true');
  return {
    method: 'PATCH',
    path: `${path}?${query}`,
    patchType: 'application/apply-patch+yaml',
    body: object,
  };
}

/** A field that another manager has set to another value. */
export interface FieldConflict {
  readonly field: string;
  /** `kubectl-edit`. */
  readonly manager: string;
}

/** Returns the conflicts that an apply was refused for; empty if the answer is not such a refusal. */
export function fieldConflicts({ status, body }: ApiAnswer): readonly FieldConflict[] {
  if (status !== 409) return [];
  const causes = asArray(asObject(asObject(body)?.['details'])?.['causes']) ?? [];
  return causes.flatMap((each) => {
    const cause = asObject(each);
    if (cause?.['reason'] !== 'FieldManagerConflict') return [];
    const [, manager = 'another manager'] =
      /^conflict with "([^"]*)"/.exec(asText(cause['message']) ?? '') ?? [];
    return [{ field: asText(cause['field']) ?? '', manager }];
  });
}
