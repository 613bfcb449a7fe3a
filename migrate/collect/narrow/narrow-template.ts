import { textsOf } from '../../../kubernetes/label-selector.ts';
import { SKIP_POD_LABEL } from '../../../lib/contract/aws-webhook.ts';
import { METADATA_ADDRESS } from '../../../lib/contract/imds.ts';
import { KUBE2IAM_POD_ANNOTATION } from '../../../lib/contract/kube2iam.ts';
import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import { ENV, SHADOWING_ENV } from '../../../lib/contract/sdk.ts';
import { asArray, asObject, asText, type JsonObject, objectsOf } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { nameOf } from '../../../pods/pod-parts.ts';
import type { PodTemplateFacts } from '../../facts/workload-facts.ts';

/** Longest value of an annotation that is kept: role ARNs and session names are shorter. */
const VALUE_MAX_LENGTH = 2_100;
/** A tenant may write thousands of containers and variables. */
const MAX_NAMES = 50;

/** Variables that lead an SDK to other credentials than those that podrole gives it. */
const OWN_VARIABLES: ReadonlySet<string> = new Set([
  ...SHADOWING_ENV.accessKeys,
  ...SHADOWING_ENV.profiles,
  SHADOWING_ENV.credentialsFile,
  ENV.roleArn,
  ENV.webIdentityTokenFile,
  ENV.containerCredentialsFullUri,
  ENV.containerCredentialsRelativeUri,
]);

/**
 * Returns the part of a pod, or of a pod template, on which a migration depends. No value of a variable is
 * kept.
 * @param roleKey annotation that names the role
 */
export function narrowTemplate(template: JsonObject, roleKey: string): PodTemplateFacts {
  const metadata = metadataOf(template);
  const annotations = textsOf(metadata?.['annotations']);
  const spec = asObject(template['spec']);
  const annotation = (key: string) => annotations[key]?.slice(0, VALUE_MAX_LENGTH) || undefined;
  const initContainers = objectsOf(spec?.['initContainers']);
  const containers = [...initContainers, ...objectsOf(spec?.['containers'])];
  return {
    serviceAccount: asText(spec?.['serviceAccountName']) || asText(spec?.['serviceAccount']) || 'default',
    role: annotation(roleKey),
    sessionName: annotation(KUBE2IAM_POD_ANNOTATION.sessionName),
    externalId: annotation(KUBE2IAM_POD_ANNOTATION.externalId),
    sidecar: annotation(PODROLE_ANNOTATION.sidecar),
    hostNetwork: spec?.['hostNetwork'] === true,
    isSkipped: Object.hasOwn(textsOf(metadata?.['labels']), SKIP_POD_LABEL),
    ownVariables: ownVariablesOf(containers),
    initContainers: initContainers
      .filter((each) => each['restartPolicy'] !== 'Always')
      .slice(0, MAX_NAMES)
      .map((each) => nameOf(each) ?? ''),
    namesMetadata: containers.some(namesMetadata),
  };
}

function ownVariablesOf(containers: readonly JsonObject[]): readonly string[] {
  const names = containers.flatMap((container) =>
    objectsOf(container['env']).flatMap((variable) => {
      const name = nameOf(variable) ?? '';
      // An empty value stands for a variable that is not set.
      return OWN_VARIABLES.has(name) && variable['value'] !== '' ? [name] : [];
    }),
  );
  return [...new Set(names)].sort();
}

const METADATA_HOSTS = [METADATA_ADDRESS.instanceIpv4, METADATA_ADDRESS.instanceIpv6];

function namesMetadata(container: JsonObject): boolean {
  const words = [
    ...(asArray(container['command']) ?? []),
    ...(asArray(container['args']) ?? []),
    ...objectsOf(container['env']).map((variable) => variable['value']),
  ];
  return words.some((word) => METADATA_HOSTS.some((host) => asText(word)?.includes(host)));
}
