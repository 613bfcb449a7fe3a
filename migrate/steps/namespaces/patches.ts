import { PODROLE_ANNOTATION } from '../../../lib/contract/podrole.ts';
import type { MigratedWorkload } from '../../model.ts';
import { objectFileName } from '../parts/file-name.ts';
import type { Move } from '../parts/moves.ts';
import { serviceAccountPatch, type TemplateChange, templatePatch } from '../parts/patch.ts';

/** A change to one object, and the change that takes it back. */
export interface ObjectPatch {
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  /** Name of both files, without extension. */
  readonly file: string;
  readonly forward: object;
  readonly back: object;
  /** False for an object that cannot be changed, only created again. */
  readonly isLive: boolean;
}

/** Returns the annotations of ServiceAccounts that exist, in a namespace. */
export function serviceAccountPatches(moves: readonly Move[], roleKey: string): readonly ObjectPatch[] {
  const unique = new Map(
    moves
      .filter(
        ({ workload, stays }) =>
          stays === undefined &&
          workload.newServiceAccount === undefined &&
          workload.serviceAccountRole === undefined,
      )
      .map((move) => [move.serviceAccount, move]),
  );
  return [...unique.values()].map(({ workload, serviceAccount: name, role }) => {
    const named = { namespace: workload.namespace, name };
    return {
      kind: 'ServiceAccount',
      group: '',
      name,
      file: objectFileName('ServiceAccount', name),
      forward: serviceAccountPatch(named, { [roleKey]: role.arn }),
      back: serviceAccountPatch(named, { [roleKey]: null }),
      isLive: true,
    };
  });
}

/** Returns the change of a pod template; undefined if it needs none. */
export function workloadPatch(move: Move): ObjectPatch | undefined {
  const { workload, kind } = move;
  const forward = forwardChange(move);
  if (!forward) return undefined;
  const back: TemplateChange = {
    ...(forward.annotations && {
      annotations: { [PODROLE_ANNOTATION.sidecar]: workload.sidecarNow ?? null },
    }),
    ...(forward.spec && {
      spec: serviceAccountNamed(workload.serviceAccount === 'default' ? null : workload.serviceAccount),
    }),
  };
  return {
    kind: kind.kind,
    group: kind.group,
    name: workload.name,
    file: objectFileName(kind.kind, workload.name),
    forward: templatePatch(kind, workload, forward),
    back: templatePatch(kind, workload, back),
    isLive: kind.replaces !== 'recreate',
  };
}

function forwardChange({ workload, serviceAccount }: Move): TemplateChange | undefined {
  const change: TemplateChange = {
    ...(workload.needs === 'sidecar' && { annotations: sidecarAnnotations(workload) }),
    ...(workload.newServiceAccount !== undefined && { spec: serviceAccountNamed(serviceAccount) }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** Returns the annotation by which pods get the sidecar that their SDK needs. */
export function sidecarAnnotations({
  sidecarMode = 'credentials',
}: MigratedWorkload): Record<string, string> {
  return { [PODROLE_ANNOTATION.sidecar]: sidecarMode };
}

/**
 * The API server copies the name to the deprecated member `serviceAccount`, which counts when the other one
 * is absent. If only one was set here, removing it again would leave the other. [k8s] PodSpec
 */
function serviceAccountNamed(name: string | null): NonNullable<TemplateChange['spec']> {
  return { serviceAccountName: name, serviceAccount: name };
}
