import { DNS_LABEL_MAX_LENGTH, GENERATED_NAME } from '../lib/contract/kubernetes.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { SESSION_NAME } from '../lib/contract/sts.ts';
import { asText, type JsonObject } from '../lib/json/json.ts';
import { cutWithHash } from '../lib/text/cut-with-hash.ts';
import type { NamedObject } from './pod-parts.ts';

const NOT_ALLOWED = /[^\w+=,.@-]/g;

/**
 * The variables that name the session after namespace and pod, within what STS accepts.
 *
 * A pod that was named by its user has its name here. One with generateName, or made from a template, is named by the API server
 * after admission: then the name comes by the downward API, and the namespace gets the characters that the name leaves.
 * @param podNameMaxLength most characters of the pod's name, where it has neither name nor generateName
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
