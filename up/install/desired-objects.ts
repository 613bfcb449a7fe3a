import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { configMapName } from './config-map-name.ts';
import { idOf } from './manifest.ts';
import { namespaceRights } from './namespace-rights.ts';

export const WEBHOOK = {
  namespace: 'podrole',
  deployment: 'podrole-webhook',
  configuration: 'podrole',
} as const;
/** Start of the name of the ConfigMap; a hash of its data follows. */
const SETTINGS = 'podrole-webhook-settings';
const POLICIES = ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'];

/** The parts of the installed webhook that a run without a flag must keep. */
export interface LiveWebhook {
  readonly deployment: JsonObject | undefined;
  /** Variables of its ConfigMap. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface InstallOptions {
  /** Undefined: that of the cluster, else that of the manifest. */
  readonly image: string | undefined;
  /** Variables of the webhook that were asked for: `PODROLE_AWS_REGION`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Kubernetes 1.29 does not serve ValidatingAdmissionPolicy by default. */
  readonly servesPolicies: boolean;
}

export interface DesiredInstall {
  readonly objects: readonly JsonObject[];
  readonly image: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** Name of the ConfigMap that a Deployment reads its settings from; undefined if it has none. */
export function settingsNameOf(deployment: JsonObject | undefined): string | undefined {
  const sources = asArray(containerOf(deployment)?.['envFrom']) ?? [];
  return sources
    .map((source) => asText(asObject(asObject(source)?.['configMapRef'])?.['name']))
    .find((name) => name?.startsWith(SETTINGS));
}

/**
 * Returns the objects of the webhook with the image and the settings that were asked for. Image, settings and
 * the number of replicas of an installed webhook stay if nothing else is asked for.
 */
export function desiredObjects(
  manifest: readonly JsonObject[],
  { image: givenImage, settings: given, servesPolicies }: InstallOptions,
  live: LiveWebhook,
): DesiredInstall {
  const shipped = manifest.find((object) => object['kind'] === 'Deployment');
  const configMap = manifest.find(isSettings);
  const shippedImage = asText(containerOf(shipped)?.['image']) ?? '';
  const liveImage = asText(containerOf(live.deployment)?.['image']);
  const image = givenImage ?? liveImage ?? shippedImage;
  const settings = { ...textsOf(configMap?.['data']), ...live.settings, ...given };
  const configName = configMapName(SETTINGS, settings);
  const liveSidecar = sidecarImageOf(live.deployment);
  const sidecarImage = givenImage ?? liveSidecar ?? image;
  const replicas = replicasOf(live.deployment) || replicasOf(shipped);
  const objects = manifest
    .filter((object) => servesPolicies || !POLICIES.includes(asText(object['kind']) ?? ''))
    .map((object) => {
      if (isSettings(object)) {
        return { ...object, data: settings, metadata: { ...metadataOf(object), name: configName } };
      }
      if (object !== shipped) return object;
      return withTemplate(object, replicas, (container) => ({
        ...container,
        image,
        env: withSidecarImage(container['env'], sidecarImage),
        envFrom: [{ configMapRef: { name: configName } }],
      }));
    });
  const rights = namespaceRights(manifest, settings);
  return {
    objects: [...objects, ...rights],
    image,
    settings,
    notes: notesOf({ image, givenImage, shippedImage, servesPolicies }),
  };
}

function notesOf(found: {
  readonly image: string;
  readonly givenImage: string | undefined;
  readonly shippedImage: string;
  readonly servesPolicies: boolean;
}): readonly string[] {
  const { image, givenImage, shippedImage, servesPolicies } = found;
  const notes: string[] = [];
  if (givenImage === undefined && image !== shippedImage) {
    notes.push(`the webhook keeps its image ${image}; this podrole would install ${shippedImage}: --image`);
  } else if (givenImage === undefined && !namesRegistry(image)) {
    notes.push(`the image ${image} names no registry: the nodes must have it already, or give --image`);
  }
  if (!servesPolicies) {
    notes.push(
      "this API server has no ValidatingAdmissionPolicy, so nothing narrows the rights of the webhook's account: docs/install.md",
    );
  }
  return notes;
}

function isSettings(object: JsonObject): boolean {
  const { kind, name } = idOf(object);
  return kind === 'ConfigMap' && name.startsWith(SETTINGS);
}

function podSpecOf(deployment: JsonObject | undefined): JsonObject | undefined {
  return asObject(asObject(asObject(deployment?.['spec'])?.['template'])?.['spec']);
}

function containerOf(deployment: JsonObject | undefined): JsonObject | undefined {
  return (asArray(podSpecOf(deployment)?.['containers']) ?? [])
    .map(asObject)
    .find((container) => container?.['name'] === 'podrole');
}

function replicasOf(deployment: JsonObject | undefined): number {
  return Number(asObject(deployment?.['spec'])?.['replicas'] ?? 0);
}

const SIDECAR_IMAGE = 'PODROLE_SIDECAR_IMAGE';

function sidecarImageOf(deployment: JsonObject | undefined): string | undefined {
  const variables = (asArray(containerOf(deployment)?.['env']) ?? []).map(asObject);
  return asText(variables.find((variable) => variable?.['name'] === SIDECAR_IMAGE)?.['value']);
}

function withSidecarImage(env: unknown, value: string): readonly unknown[] {
  return (asArray(env) ?? []).map((each) => {
    const variable = asObject(each);
    return variable?.['name'] === SIDECAR_IMAGE ? { ...variable, value } : each;
  });
}

function withTemplate(
  deployment: JsonObject,
  replicas: number,
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  const spec = asObject(deployment['spec']);
  const podSpec = podSpecOf(deployment);
  const containers = (asArray(podSpec?.['containers']) ?? []).map((each) => change(asObject(each) ?? {}));
  const template = { ...asObject(spec?.['template']), spec: { ...podSpec, containers } };
  return { ...deployment, spec: { ...spec, replicas, template } };
}

function textsOf(data: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(asObject(data) ?? {}).map(([key, value]) => [key, asText(value) ?? String(value)]),
  );
}

/** True for `registry.example.com/podrole:1` and `localhost:5000/podrole`, not for `team/podrole:1`. */
function namesRegistry(image: string): boolean {
  const [host = '', ...path] = image.split('/', 2);
  return path.length > 0 && /[.:]/.test(host);
}
