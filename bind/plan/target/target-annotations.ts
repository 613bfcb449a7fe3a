import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import type { JsonObject } from '../../../lib/json/json.ts';

const { targetRoleArn: TARGET_ROLE, sessionTags: SESSION_TAGS, sidecar: SIDECAR } = PODROLE_ANNOTATION;

export interface TargetAnnotationPlan {
  /** Annotations that have to change. */
  readonly changed: Readonly<Record<string, string>>;
  /** Other target role that the ServiceAccount has now. */
  readonly other: string | undefined;
}

/**
 * Plans the annotations of the target role. If none is asked for, what is there stays.
 * @param wanted annotations of the binding
 * @param present annotations of the ServiceAccount
 */
export function planTargetAnnotations(
  wanted: Readonly<Record<string, string>>,
  present: JsonObject,
): TargetAnnotationPlan {
  const target = wanted[TARGET_ROLE];
  if (target === undefined) return { changed: {}, other: undefined };
  const found = present[TARGET_ROLE];
  const tags = wanted[SESSION_TAGS] ?? (present[SESSION_TAGS] === undefined ? undefined : 'true');
  return {
    changed: {
      ...(found === target ? {} : { [TARGET_ROLE]: target }),
      ...(tags === undefined || tags === present[SESSION_TAGS] ? {} : { [SESSION_TAGS]: tags }),
    },
    other: typeof found === 'string' && found !== '' && found !== target ? found : undefined,
  };
}

/** An SDK does not assume a second role: the sidecar or the agent does it. */
export function servedTargetNotes(
  object: string,
  wanted: Readonly<Record<string, string>>,
  present: JsonObject,
): readonly string[] {
  if (wanted[TARGET_ROLE] === undefined || present[SIDECAR] !== undefined) return [];
  return [
    `${object} has no annotation ${SIDECAR}: its pods get no role, unless their own annotation or the default of the webhook names a sidecar or the agent`,
  ];
}
