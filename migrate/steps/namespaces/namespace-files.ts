import { AWS_ANNOTATION, DEFAULT_ANNOTATION_PREFIX } from '../../../lib/contract/aws-webhook.ts';
import { NAMESPACE_RULE_ANNOTATION } from '../../../lib/contract/kube2iam.ts';
import type { MigratedNamespace, MigrationModel, ServiceAccountSplit } from '../../model.ts';
import type { Move } from '../parts/moves.ts';
import { kustomizeComponent, kustomizePatch } from '../parts/patch.ts';
import type { StepFile } from '../parts/step-file.ts';
import { yamlText, yamlTexts } from '../parts/yaml-text.ts';
import { helmValues } from './helm-values.ts';
import { namespacePage } from './namespace-page.ts';
import { copiesRights, newServiceAccounts } from './new-service-accounts.ts';
import { type ObjectPatch, serviceAccountPatches, workloadPatch } from './patches.ts';

const ADDED = 'service-accounts.yaml';

/** Part of a plan that is about one namespace. */
export interface NamespacePlan {
  readonly namespace: string;
  readonly moves: readonly Move[];
  readonly splits: readonly ServiceAccountSplit[];
  /** Undefined if the plan does not say anything about it. */
  readonly rule: MigratedNamespace | undefined;
}

/** Returns the files that switch the workloads of one namespace. */
export function namespaceFiles(
  { namespace, moves, splits, rule: found }: NamespacePlan,
  model: MigrationModel,
): readonly StepFile[] {
  const folder = `2-namespaces/${namespace}`;
  const roleKey = `${model.annotationPrefix ?? DEFAULT_ANNOTATION_PREFIX}/${AWS_ANNOTATION.roleArn}`;
  const added = newServiceAccounts(moves, splits, roleKey);
  const patches: readonly ObjectPatch[] = [
    ...serviceAccountPatches(moves, roleKey),
    ...moves.flatMap((move) => workloadPatch(move) ?? []),
  ];
  const rule = rulePatches(found);
  const lacksRights = !splits.every(copiesRights);
  const page = { folder, namespace, moves, patches, hasRule: rule !== undefined, lacksRights };
  const component = kustomizeComponent(
    added.length > 0 ? [ADDED] : [],
    patches.map((patch) => kustomizePatch(`patches/${patch.file}.yaml`, patch)),
  );
  return [
    { path: `${folder}/README.md`, text: namespacePage({ ...page, hasNew: added.length > 0 }, model) },
    ...(added.length > 0
      ? [{ path: `${folder}/${ADDED}`, text: yamlTexts(added, ['ServiceAccounts with one role each.']) }]
      : []),
    ...(added.length + patches.length > 0
      ? [{ path: `${folder}/kustomization.yaml`, text: yamlText(component, COMPONENT) }]
      : []),
    ...(rule === undefined
      ? []
      : [
          { path: `${folder}/patches/namespace.yaml`, text: yamlText(rule.forward) },
          { path: `${folder}/undo/namespace.yaml`, text: yamlText(rule.back) },
        ]),
    ...patches.flatMap(({ file, forward, back }) => [
      { path: `${folder}/patches/${file}.yaml`, text: yamlText(forward) },
      { path: `${folder}/undo/${file}.yaml`, text: yamlText(back) },
    ]),
    ...moves.flatMap((move) => helmValues(folder, move, roleKey) ?? []),
  ];
}

const COMPONENT = ['Name this folder under components: of your kustomization.'];

/** Returns the rule that allows what the pods of a namespace use today, if none does. */
function rulePatches(found: MigratedNamespace | undefined) {
  if (found?.proposedAllowedRoles === undefined) return undefined;
  const patch = (value: string | null) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: found.name, annotations: { [NAMESPACE_RULE_ANNOTATION.allowedRoles]: value } },
  });
  return {
    forward: patch(JSON.stringify(found.proposedAllowedRoles)),
    back: patch(found.allowedRoles ?? null),
  };
}
