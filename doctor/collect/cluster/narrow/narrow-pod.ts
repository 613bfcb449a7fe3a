import { textsOf } from '../../../../kubernetes/label-selector.ts';
import { DEFAULT_ANNOTATION_PREFIX } from '../../../../lib/contract/aws-webhook.ts';
import { asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import { metadataOf } from '../../../../lib/kubernetes-objects.ts';
import { nameOf, runsOnWindows } from '../../../../pods/pod-parts.ts';
import type { PodFacts } from '../../../facts/pod-facts.ts';
import { type KnownAnnotations, keptAnnotations } from './kept-annotations.ts';
import { narrowContainers } from './narrow-containers.ts';

/** Mode of the files of a projected volume. [k8s] ProjectedVolumeSource */
const DEFAULT_MODE = 0o644;
/** Lifetime of a projected token. [k8s] ServiceAccountTokenProjection */
const DEFAULT_EXPIRATION_SECONDS = 3_600;
/** The last ones are kept: a webhook adds its volume behind those of the tenant. */
const MAX_TOKEN_VOLUMES = 200;

/**
 * Returns the part of a pod on which its credentials depend: no value of a variable that may hold a key, and
 * nothing of its other volumes.
 */
export function narrowPod(
  pod: JsonObject,
  known: KnownAnnotations = { annotationPrefix: DEFAULT_ANNOTATION_PREFIX },
): PodFacts {
  const metadata = metadataOf(pod);
  const spec = asObject(pod['spec']);
  const status = asObject(pod['status']);
  const node = asText(spec?.['nodeName']);
  const fsGroup = asObject(spec?.['securityContext'])?.['fsGroup'];
  const owner = ownerOf(metadata);
  return {
    namespace: asText(metadata?.['namespace']) ?? '',
    name: asText(metadata?.['name']) || asText(metadata?.['generateName']) || '',
    uid: asText(metadata?.['uid']) ?? '',
    createdAt: asText(metadata?.['creationTimestamp']) ?? '',
    annotations: keptAnnotations(metadata?.['annotations'], known),
    labels: textsOf(metadata?.['labels']),
    serviceAccountName: asText(spec?.['serviceAccountName']) || 'default',
    ...(node && { node }),
    hostNetwork: spec?.['hostNetwork'] === true,
    isWindows: runsOnWindows(spec),
    ...(typeof fsGroup === 'number' && { fsGroup }),
    phase: asText(status?.['phase']) ?? '',
    ...(owner && { owner }),
    containers: narrowContainers(spec, status),
    tokenVolumes: tokenVolumesOf(spec),
  };
}

function ownerOf(metadata: JsonObject | undefined): string | undefined {
  const controller = objectsOf(metadata?.['ownerReferences']).find((each) => each['controller'] === true);
  return controller && `${asText(controller['kind'])}/${nameOf(controller)}`;
}

function tokenVolumesOf(spec: JsonObject | undefined): PodFacts['tokenVolumes'] {
  return objectsOf(spec?.['volumes'])
    .flatMap((volume) => {
      const projected = asObject(volume['projected']);
      return objectsOf(projected?.['sources']).flatMap((source) => {
        const token = asObject(source['serviceAccountToken']);
        return token ? [tokenVolume(nameOf(volume) ?? '', token, projected?.['defaultMode'])] : [];
      });
    })
    .slice(-MAX_TOKEN_VOLUMES);
}

function tokenVolume(volume: string, token: JsonObject, mode: unknown): PodFacts['tokenVolumes'][number] {
  const audience = asText(token['audience']);
  const seconds = token['expirationSeconds'];
  return {
    volume,
    path: asText(token['path']) ?? '',
    ...(audience && { audience }),
    expirationSeconds: typeof seconds === 'number' ? seconds : DEFAULT_EXPIRATION_SECONDS,
    mode: typeof mode === 'number' ? mode : DEFAULT_MODE,
  };
}
