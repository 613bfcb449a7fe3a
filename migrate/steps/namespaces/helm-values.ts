import { objectFileName } from '../parts/file-name.ts';
import type { Move } from '../parts/moves.ts';
import type { StepFile } from '../parts/step-file.ts';
import { yamlText } from '../parts/yaml-text.ts';
import { sidecarAnnotations } from './patches.ts';

/** Lines that say what the file is. */
const COMMENT = [
  'Example: the names of these values are those of most charts. Compare them with values.yaml of yours.',
];

/** Returns the Helm values of one workload, under the names that `helm create` writes. */
export function helmValues(folder: string, move: Move, roleKey: string): StepFile | undefined {
  const { workload, kind, serviceAccount, role, stays } = move;
  const isNew = workload.newServiceAccount !== undefined;
  const annotated = stays === undefined && !isNew ? { annotations: { [roleKey]: role.arn } } : {};
  const values = {
    ...(isNew || stays === undefined
      ? { serviceAccount: { ...(isNew ? { create: false } : {}), name: serviceAccount, ...annotated } }
      : {}),
    ...(workload.needs === 'sidecar' ? { podAnnotations: sidecarAnnotations(workload) } : {}),
  };
  if (Object.keys(values).length === 0) return undefined;
  return {
    path: `${folder}/helm/${objectFileName(kind.kind, workload.name)}.yaml`,
    text: yamlText(values, COMMENT),
  };
}
