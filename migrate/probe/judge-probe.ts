import { sortFindings } from '../findings/find-all.ts';
import type { MigratedWorkload, MigrationModel } from '../model.ts';
import { type FoundSdk, type JudgedSdk, judgeSdk, type SdkNeed } from './sdk-versions.ts';

export interface ProbedContainer {
  readonly container: string;
  readonly sdks: readonly FoundSdk[];
  /** Reason why SDKs may be missing; undefined if all was looked at. */
  readonly gap: string | undefined;
}

export interface ProbedWorkload extends Pick<MigratedWorkload, 'namespace' | 'kind' | 'name'> {
  readonly needs: SdkNeed;
  /** Mode of the sidecar; undefined if it needs none, or if that is not known. */
  readonly mode: 'credentials' | 'metadata' | undefined;
  /** `boto3 1.9.100` */
  readonly sdks: readonly string[];
  /** Reasons why something is unknown, and how to find it out. */
  readonly notes: readonly string[];
}

const FIND_OUT = 'look for the SDK in its lock file or image, then in docs/sdk-versions.md';

/**
 * Judges what a workload needs, by the SDKs of its containers: the oldest one decides. A container in which
 * none was found may have one that is compiled in.
 * @param probed why its pod was not looked into, if it was not
 */
export function judgeProbe(
  { namespace, kind, name }: Pick<MigratedWorkload, 'namespace' | 'kind' | 'name'>,
  probed: readonly ProbedContainer[] | string,
): ProbedWorkload {
  const containers = typeof probed === 'string' ? [] : probed;
  const judged = containers.flatMap(({ sdks }) => sdks.map(judgeSdk));
  const gaps =
    typeof probed === 'string'
      ? [`was not looked into: ${probed}`]
      : containers.flatMap(({ container, sdks, gap }) => {
          if (gap !== undefined) return [`container ${container} was not looked into as a whole: ${gap}`];
          return sdks.length === 0 && judged.length === 0
            ? [`container ${container}: no AWS SDK was found`]
            : [];
        });
  const needs = together(judged, gaps.length > 0 || judged.length === 0);
  const modes = new Set(judged.map(({ mode }) => mode));
  return {
    namespace,
    kind,
    name,
    needs,
    mode: modes.has('metadata') ? 'metadata' : modes.has('credentials') ? 'credentials' : undefined,
    sdks: [
      ...new Set(judged.map(({ sdk }) => `${sdk.package} ${sdk.version ?? '(version unknown)'}`)),
    ].sort(),
    notes: needs === 'unknown' ? [...gaps, FIND_OUT] : gaps,
  };
}

function together(judged: readonly JudgedSdk[], isIncomplete: boolean): SdkNeed {
  const needs = new Set(judged.map((each) => each.needs));
  if (needs.has('sidecar')) return 'sidecar';
  return isIncomplete || needs.has('unknown') ? 'unknown' : 'web identity';
}

/** Returns the model with what was found, and the notes as findings. */
export function withProbe(model: MigrationModel, probed: readonly ProbedWorkload[]): MigrationModel {
  const keyOf = ({ namespace, kind, name }: Pick<MigratedWorkload, 'namespace' | 'kind' | 'name'>) =>
    `${namespace}/${kind}/${name}`;
  const byKey = new Map(probed.map((each) => [keyOf(each), each]));
  return {
    ...model,
    workloads: model.workloads.map((workload) => {
      const found = byKey.get(keyOf(workload));
      if (!found) return workload;
      const { needs, sdks, mode } = found;
      return { ...workload, needs, sdks, ...(needs === 'sidecar' && mode && { sidecarMode: mode }) };
    }),
    findings: sortFindings([...model.findings, ...probed.flatMap(findingsOf)]),
  };
}

function findingsOf({
  kind,
  namespace,
  name,
  needs,
  mode,
  sdks,
  notes,
}: ProbedWorkload): MigrationModel['findings'] {
  const object = `${kind} ${namespace}/${name}`;
  if (needs === 'sidecar') {
    const text = `has an SDK that does not know web identity: ${sdks.join(', ')}`;
    const remedy = `annotate its pods with podrole.dev/sidecar: ${mode}, or update the SDK`;
    return [{ weight: 'decide', object, text, remedy }];
  }
  return needs === 'unknown'
    ? [
        {
          weight: 'note',
          object,
          text: notes.slice(0, -1).join('; ') || 'has an SDK whose version is not known',
          remedy: FIND_OUT,
        },
      ]
    : [];
}
