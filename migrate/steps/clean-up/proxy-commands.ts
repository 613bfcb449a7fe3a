import { isNamespaceName, isObjectName } from '../../../lib/kubernetes-names.ts';
import { shellWord } from '../../../lib/text/shell-word.ts';
import type { ProxyObject } from '../../model.ts';
import { objectFileName } from '../parts/file-name.ts';
import { patchCommand } from '../parts/kubectl.ts';
import type { StepCommands } from '../parts/page.ts';
import type { StepFile } from '../parts/step-file.ts';
import { yamlText } from '../parts/yaml-text.ts';

/** Label that no node has: a DaemonSet that selects it runs nowhere. */
const NOWHERE = 'podrole.dev/migrated';

/** Returns the patches that stop the DaemonSets of the proxy, and start them again. */
export function proxyFiles(proxies: readonly ProxyObject[]): readonly StepFile[] {
  return daemonSets(proxies).flatMap(({ namespace, name }) => {
    const patch = (value: string | null) =>
      yamlText({
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name, namespace },
        spec: { template: { spec: { nodeSelector: { [NOWHERE]: value } } } },
      });
    const file = fileOf(namespace, name);
    return [
      { path: `3-clean-up/proxy/${file}`, text: patch('stopped') },
      { path: `3-clean-up/undo/${file}`, text: patch(null) },
    ];
  });
}

/** Returns the commands that stop the proxy. Nothing is deleted, so that it can start again. */
export function proxyCommands(proxies: readonly ProxyObject[]): StepCommands {
  const sets = daemonSets(proxies);
  const scaled = known(proxies).filter(({ kind }) => kind === 'Deployment');
  const patches = (folder: string) =>
    sets.map(({ namespace, name }) =>
      patchCommand({ namespace, kind: 'DaemonSet', name }, `3-clean-up/${folder}/${fileOf(namespace, name)}`),
    );
  const operand = ({ namespace, name }: ProxyObject) =>
    `-n ${shellWord(namespace)} ${shellWord(`deployment/${name}`)}`;
  const replicas = ({ namespace, name }: ProxyObject) =>
    shellWord(`3-clean-up/undo/${objectFileName('replicas', `${namespace}.${name}`)}`);
  return {
    run: [
      ...patches('proxy'),
      ...scaled.flatMap((proxy) => [
        `kubectl get ${operand(proxy)} -o jsonpath='{.spec.replicas}' >${replicas(proxy)}`,
        `kubectl scale ${operand(proxy)} --replicas=0`,
      ]),
    ],
    verify: known(proxies).map(
      ({ namespace, kind, name }) =>
        `kubectl get -n ${shellWord(namespace)} ${shellWord(`${kind.toLowerCase()}/${name}`)}`,
    ),
    undo: [
      ...patches('undo'),
      ...scaled.map((proxy) => `kubectl scale ${operand(proxy)} --replicas="$(cat ${replicas(proxy)})"`),
    ],
  };
}

function daemonSets(proxies: readonly ProxyObject[]): readonly ProxyObject[] {
  return known(proxies).filter(({ kind }) => kind === 'DaemonSet');
}

function known(proxies: readonly ProxyObject[]): readonly ProxyObject[] {
  return proxies.filter(
    ({ kind, namespace, name }) =>
      ['DaemonSet', 'Deployment'].includes(kind) && isNamespaceName(namespace) && isObjectName(name),
  );
}

function fileOf(namespace: string, name: string): string {
  return `${objectFileName('daemonset', `${namespace}.${name}`)}.yaml`;
}
