import type { CaBundle } from '../identity/settings/endpoint-settings.ts';
import { CA_BUNDLE } from '../lib/contract/podrole.ts';
import { NODE_CA_VARIABLE, STS_ENDPOINT_ENV } from '../lib/contract/sdk.ts';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import { type EnvGrant, literalPart } from './env-parts.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { type NamedObject, nameOf } from './pod-parts.ts';

/**
 * Returns volume and mount for the CA certificates in a ConfigMap. Without the ConfigMap or its key, kubelet
 * does not start the pod, and an event says so: a pod that started without them could not use its role.
 */
export function caBundleGrant({ configMap, key }: CaBundle): MountedVolume {
  const { volumeName: name, mountPath, file } = CA_BUNDLE;
  return {
    volume: { name, configMap: { name: configMap, items: [{ key, path: file }] } },
    mount: { name, readOnly: true, mountPath },
  };
}

/**
 * Returns the variables that name the file.
 * @param inContainer turns a path into one of the container's operating system
 */
export function caBundleParts(inContainer: (path: string) => string): readonly EnvGrant[] {
  const file = inContainer(`${CA_BUNDLE.mountPath}/${CA_BUNDLE.file}`);
  return [
    literalPart('ca-bundle', { [STS_ENDPOINT_ENV.caBundle]: file }),
    literalPart('node-ca', { [NODE_CA_VARIABLE]: file }),
  ];
}

/** True for a volume that podrole may have put into a pod, by its name and shape. */
export function isCaBundleVolume(volume: unknown): boolean {
  return nameOf(volume) === CA_BUNDLE.volumeName && soleItemOf(volume)?.['path'] === CA_BUNDLE.file;
}

/** True if both have the same certificates. */
export function sameCaBundle(present: unknown, wanted: NamedObject): boolean {
  return (
    isCaBundleVolume(present) &&
    configMapOf(present)?.['name'] === configMapOf(wanted)?.['name'] &&
    soleItemOf(present)?.['key'] === soleItemOf(wanted)?.['key']
  );
}

function configMapOf(volume: unknown): JsonObject | undefined {
  return asObject(asObject(volume)?.['configMap']);
}

function soleItemOf(volume: unknown): JsonObject | undefined {
  const items = asArray(configMapOf(volume)?.['items']);
  return items?.length === 1 ? asObject(items[0]) : undefined;
}
