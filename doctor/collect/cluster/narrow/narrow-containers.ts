import { asArray, asObject, asText, type JsonObject, objectsOf } from '../../../../lib/json/json.ts';
import { CONTAINER_LISTS, nameOf } from '../../../../pods/pod-parts.ts';
import type { ContainerFacts } from '../../../facts/pod-facts.ts';
import { narrowVariables } from './narrow-variables.ts';

/** Most containers of a pod that are judged; no node runs as many. */
const MAX_CONTAINERS = 200;
/** The last ones are kept: a webhook adds its mount behind those of the tenant. */
const MAX_MOUNTS = 200;
const TROUBLE_MAX_LENGTH = 300;

/** Returns the containers of a pod as kubelet starts them: init containers first. */
export function narrowContainers(
  spec: JsonObject | undefined,
  status: JsonObject | undefined,
): readonly ContainerFacts[] {
  const ofPod = asObject(spec?.['securityContext']);
  const statuses = statusesOf(status);
  return CONTAINER_LISTS.flatMap((list) =>
    objectsOf(spec?.[list]).map((container) => {
      const name = nameOf(container) ?? '';
      return narrowContainer(container, kindOf(list, container), ofPod, statuses.get(name));
    }),
  ).slice(0, MAX_CONTAINERS);
}

function kindOf(list: (typeof CONTAINER_LISTS)[number], container: JsonObject): ContainerFacts['kind'] {
  if (list === 'containers') return 'container';
  if (list === 'ephemeralContainers') return 'ephemeral';
  return container['restartPolicy'] === 'Always' ? 'sidecar' : 'init';
}

function narrowContainer(
  container: JsonObject,
  kind: ContainerFacts['kind'],
  ofPod: JsonObject | undefined,
  status: JsonObject | undefined,
): ContainerFacts {
  const own = asObject(container['securityContext']);
  const setting = (name: string) => own?.[name] ?? ofPod?.[name];
  const isNonRoot = setting('runAsNonRoot');
  return {
    name: nameOf(container) ?? '',
    kind,
    image: asText(container['image']) ?? '',
    env: narrowVariables(container),
    hasEnvFrom: objectsOf(container['envFrom']).length > 0,
    mounts: mountsOf(container),
    ...numberAs('runAsUser', setting('runAsUser')),
    ...numberAs('runAsGroup', setting('runAsGroup')),
    ...(typeof isNonRoot === 'boolean' && { runAsNonRoot: isNonRoot }),
    hasRegionArgument: [...(asArray(container['command']) ?? []), ...(asArray(container['args']) ?? [])].some(
      (argument) => argument === '--region' || asText(argument)?.startsWith('--region='),
    ),
    ...narrowStatus(status),
  };
}

function mountsOf(container: JsonObject): ContainerFacts['mounts'] {
  return objectsOf(container['volumeMounts'])
    .slice(-MAX_MOUNTS)
    .map((mount) => {
      const subPath = asText(mount['subPath']) || asText(mount['subPathExpr']);
      return {
        path: asText(mount['mountPath']) ?? '',
        volume: nameOf(mount) ?? '',
        ...(subPath && { subPath }),
      };
    });
}

function numberAs<Name extends string>(name: Name, value: unknown): { readonly [Key in Name]?: number } {
  return typeof value === 'number' ? ({ [name]: value } as { [Key in Name]: number }) : {};
}

function statusesOf(status: JsonObject | undefined): ReadonlyMap<string, JsonObject> {
  const lists = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];
  return new Map(
    lists.flatMap((list) => objectsOf(status?.[list])).map((each) => [nameOf(each) ?? '', each]),
  );
}

function narrowStatus(
  status: JsonObject | undefined,
): Pick<ContainerFacts, 'ready' | 'restarts' | 'trouble'> {
  if (!status) return {};
  const ready = status['ready'];
  const trouble = troubleOf(status);
  return {
    ...(typeof ready === 'boolean' && { ready }),
    ...numberAs('restarts', status['restartCount']),
    ...(trouble && { trouble }),
  };
}

/** Returns the reason and the message of a state in which a container does not run. */
function troubleOf(status: JsonObject): string | undefined {
  const state = asObject(status['state']);
  const waiting = asObject(state?.['waiting']);
  const ended = asObject(state?.['terminated']) ?? asObject(asObject(status['lastState'])?.['terminated']);
  const parts = [waiting, ended?.['exitCode'] === 0 ? undefined : ended].flatMap((each) => {
    const code = each?.['exitCode'];
    const exit = typeof code === 'number' ? `exit code ${code}` : undefined;
    return [asText(each?.['reason']), exit, asText(each?.['message'])].filter(Boolean);
  });
  return parts.length > 0 ? parts.join(', ').slice(0, TROUBLE_MAX_LENGTH) : undefined;
}
