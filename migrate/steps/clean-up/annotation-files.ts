import { objectFileName } from '../parts/file-name.ts';
import { patchCommand, statusCommands } from '../parts/kubectl.ts';
import type { Move } from '../parts/moves.ts';
import type { StepCommands } from '../parts/page.ts';
import { kustomizeComponent, kustomizePatch, templatePatch } from '../parts/patch.ts';
import type { StepFile } from '../parts/step-file.ts';
import { yamlText } from '../parts/yaml-text.ts';

/** Workloads whose ServiceAccount has the role: they no longer need the annotation of the proxy. */
export function annotationIsSpare({ workload, role }: Move): boolean {
  const { annotatedIn, serviceAccountRole = '', servedBy, newServiceAccount, given } = workload;
  return (
    annotatedIn === 'template' &&
    servedBy !== 'old proxy' &&
    servedBy !== 'both' &&
    newServiceAccount === undefined &&
    [role.arn, given].includes(serviceAccountRole)
  );
}

/** Returns the patches that remove the annotation of the proxy, and set it again. */
export function annotationFiles(moves: readonly Move[], key: string): readonly StepFile[] {
  const spare = moves.filter(annotationIsSpare);
  const byNamespace = Map.groupBy(spare, ({ workload }) => workload.namespace);
  return [...byNamespace].flatMap(([namespace, ofNamespace]) => {
    const component = kustomizeComponent(
      [],
      ofNamespace.map(({ kind, workload: { name } }) =>
        kustomizePatch(`patches/${objectFileName(kind.kind, name)}.yaml`, { ...kind, name }),
      ),
    );
    const folder = folderOf(namespace);
    return [
      { path: `${folder}/kustomization.yaml`, text: yamlText(component) },
      ...ofNamespace.flatMap((move) => patchFiles(folder, move, key)),
    ];
  });
}

export function annotationCommands(moves: readonly Move[]): StepCommands {
  const spare = moves.filter((move) => annotationIsSpare(move) && move.kind.replaces !== 'recreate');
  const commandsOf = (of: 'patches' | 'undo') => [
    ...spare.map(({ kind, workload: { namespace, name } }) =>
      patchCommand(
        { namespace, kind: kind.kind, name },
        `${folderOf(namespace)}/${of}/${objectFileName(kind.kind, name)}.yaml`,
      ),
    ),
    ...statusCommands(spare),
  ];
  return { run: commandsOf('patches'), verify: [], undo: commandsOf('undo') };
}

function patchFiles(folder: string, { kind, workload }: Move, key: string): readonly StepFile[] {
  const file = `${objectFileName(kind.kind, workload.name)}.yaml`;
  const patch = (value: string | null) =>
    yamlText(templatePatch(kind, workload, { annotations: { [key]: value } }));
  return [
    { path: `${folder}/patches/${file}`, text: patch(null) },
    { path: `${folder}/undo/${file}`, text: patch(workload.given) },
  ];
}

function folderOf(namespace: string): string {
  return `3-clean-up/annotations/${namespace}`;
}
