import { KUBE2IAM_POD_ANNOTATION } from '../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { SESSION_NAME } from '../lib/contract/sts.ts';
import { asText } from '../lib/json/json.ts';
import { type Annotated, THIS_POD } from './annotated.ts';
import { unknownSessionName } from './annotations/warnings.ts';
import type { WebIdentity } from './pod-identity.ts';
import { quote, warningLine } from './warning.ts';

export interface DecidedSessionName {
  readonly sessionName: WebIdentity['sessionName'];
  readonly warnings: readonly string[];
}

/**
 * Decides how the role session is named. `podrole.dev/session-name` wins, that of the pod first. An empty one
 * turns off what the ServiceAccount asks for; an unknown one counts as absent. Then comes the annotation of
 * kiam, if pods can name a role.
 */
export function decideSessionName(annotated: Annotated): DecidedSessionName {
  const { object, own, pod } = annotated;
  const warnings: string[] = [];
  const given = [
    [THIS_POD, asText(pod[PODROLE_ANNOTATION.sessionName])],
    [object, own[PODROLE_ANNOTATION.sessionName]],
  ] as const;
  for (const [where, value] of given) {
    if (value === '') break;
    if (value === 'pod') return { sessionName: 'pod', warnings };
    if (value !== undefined) warnings.push(unknownSessionName(where, value));
  }
  const named = kiamSessionName(annotated);
  return { sessionName: named.sessionName, warnings: [...warnings, ...named.warnings] };
}

function kiamSessionName({ pod, podRoleAnnotation }: Annotated): DecidedSessionName {
  const key = KUBE2IAM_POD_ANNOTATION.sessionName;
  const name = podRoleAnnotation === undefined ? '' : (asText(pod[key]) ?? '');
  if (name === '') return { sessionName: undefined, warnings: [] };
  if (SESSION_NAME.pattern.test(name)) return { sessionName: { name }, warnings: [] };
  const problem = `annotation ${key} is ${quote(name)}, which STS does not accept, and has no effect`;
  const remedy = 'write 2 to 64 letters, digits or any of _+=,.@-';
  return { sessionName: undefined, warnings: [warningLine({ object: THIS_POD, problem, remedy })] };
}
