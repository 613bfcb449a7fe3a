import { DNS_LABEL_MAX_LENGTH, GENERATED_NAME } from '../lib/contract/kubernetes.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { SESSION_NAME } from '../lib/contract/sts.ts';
import { asText, type JsonObject } from '../lib/json/json.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';
import type { NamedObject } from './pod-parts.ts';

const NOT_ALLOWED = /[^\w+=,.@-]/g;

/**
 * Returns the variables that name the session after namespace and pod, within the limits of STS.
 *
 * If the user named the pod, its name is known here. With generateName, or in a template, the API server
 * names the pod after admission. Then the name comes by the downward API, and the namespace gets the
 * characters that the name leaves.
 * @param podNameMaxLength longest name of the pod, in characters, if it has neither name nor generateName
 */
export function sessionNameVariables(
  namespace: string,
  metadata: JsonObject | undefined,
  podNameMaxLength: number = DNS_LABEL_MAX_LENGTH,
): readonly NamedObject[] {
  const name = asText(metadata?.['name']);
  if (name) {
    const session = cutWithHash(`${namespace}.${name}`.replace(NOT_ALLOWED, '-'), SESSION_NAME.maxLength);
    return [{ name: ENV.roleSessionName, value: session }];
  }
  const base = asText(metadata?.['generateName']);
  const longestName = base
    ? Math.min(base.length, GENERATED_NAME.maxBaseLength) + GENERATED_NAME.suffixLength
    : podNameMaxLength;
  const room = Math.max(SESSION_NAME.maxLength - longestName - 1, 0);
  const scope = namespace.replace(NOT_ALLOWED, '-').slice(0, room);
  return [
    { name: ENV.podName, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: ENV.roleSessionName, value: `${scope}${scope && '.'}$(${ENV.podName})` },
  ];
}
