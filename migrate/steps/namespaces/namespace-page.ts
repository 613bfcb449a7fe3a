import { shellWord } from '../../../lib/text/shell-word.ts';
import type { MigrationModel } from '../../model.ts';
import { patchCommand, restartCommands, skipCommands, statusCommands } from '../parts/kubectl.ts';
import type { Move } from '../parts/moves.ts';
import {
  bulletList,
  codeBlock,
  commandSections,
  markdownCode,
  markdownTable,
  markdownText,
  page,
} from '../parts/page.ts';
import type { ObjectPatch } from './patches.ts';

export interface NamespacePage {
  readonly folder: string;
  readonly namespace: string;
  readonly moves: readonly Move[];
  readonly patches: readonly ObjectPatch[];
  readonly hasRule: boolean;
  /** There are ServiceAccounts to create. */
  readonly hasNew: boolean;
  /** The RBAC bindings of a shared ServiceAccount are not copied to the new ones. */
  readonly lacksRights: boolean;
}

/** Returns the page with the commands that switch one namespace, and switch it back. */
export function namespacePage(facts: NamespacePage, model: MigrationModel): string {
  const { namespace, moves } = facts;
  const rows = moves.map(({ workload, role, serviceAccount }) => [
    markdownCode(`${workload.kind} ${workload.name}`),
    markdownCode(role.arn),
    markdownCode(workload.serviceAccount),
    markdownCode(serviceAccount),
  ]);
  return page(
    `# Namespace ${namespace}`,
    'The commands run in the folder above `2-namespaces`, after step 1. Choose way A or way B; both leave the annotations of the pods as they are.',
    markdownTable(['workload', 'role', 'ServiceAccount now', 'ServiceAccount in way B'], rows),
    ruleSection(facts),
    ...wayA(facts, model),
    ...wayB(facts, model),
  );
}

function ruleSection({ folder, namespace, hasRule }: NamespacePage): string {
  if (!hasRule) return '';
  const of = { namespace: undefined, kind: 'namespace', name: namespace };
  const commands = {
    run: [patchCommand(of, `${folder}/patches/namespace.yaml`)],
    verify: [`kubectl get namespace ${shellWord(namespace)} -o yaml`],
    undo: [patchCommand(of, `${folder}/undo/namespace.yaml`)],
  };
  return page(
    '## The rule of the namespace, before the switch',
    'podrole gives a role that a pod names only if a rule of its namespace allows it. This one allows the roles of the table. Way A needs it. Way B needs it too if the webhook reads the annotations of pods: a pod that names a role without a rule gets none, also not that of its ServiceAccount.',
    commandSections('###', commands),
  ).trimEnd();
}

/** The webhook reads the annotations of the pods: nothing but a restart is needed. */
function wayA({ namespace, moves }: NamespacePage, model: MigrationModel): readonly string[] {
  const isSplit = ({ workload }: Move) => workload.newServiceAccount !== undefined;
  const isByHand = ({ workload }: Move) => workload.annotatedIn === 'pods';
  const restarted = moves.filter((move) => !isByHand(move));
  const commands = {
    run: restartCommands(restarted),
    verify: [checkCommand(namespace, model)],
    undo: [...skipCommands(restarted, true), ...statusCommands(restarted)],
  };
  const again = [...skipCommands(restarted, false), ...statusCommands(restarted)];
  return [
    '## Way A: keep the annotations',
    'For a webhook that reads the annotations of pods. Each pod that starts gets its role from podrole.',
    noteList([
      [
        moves.filter(isSplit),
        'These share a ServiceAccount: they need the trust of `1-trust/shared*.yaml`, or way B',
      ],
      [
        moves.filter(isByHand),
        'These lose their role when they restart, because only the pods have the annotation. Use way B',
      ],
      [restarted.filter(needsSidecar), 'These need the sidecar, and so the patches of way B'],
      ...afterwards(restarted),
    ]),
    commandSections('###', commands),
    again.length > 0
      ? `The undo labels the pods so that podrole leaves them alone and ${model.from} serves them again. It has no effect in a namespace with \`podrole.dev/required=true\`. To switch again, take the label away:\n\n${codeBlock(again)}`
      : '',
  ];
}

/** The ServiceAccounts name the roles. */
function wayB(facts: NamespacePage, model: MigrationModel): readonly string[] {
  const { folder, namespace, moves, patches, hasNew, lacksRights } = facts;
  const added = shellWord(`${folder}/service-accounts.yaml`);
  const live = patches.filter(({ isLive }) => isLive);
  const patched = new Set(live.map(({ kind, name }) => `${kind} ${name}`));
  const moved = moves.filter(({ stays }) => stays === undefined);
  const isPatched = ({ workload }: Move) => patched.has(`${workload.kind} ${workload.name}`);
  const unpatched = moved.filter((move) => !isPatched(move));
  const commandsOf = (of: 'patches' | 'undo') =>
    live.map(({ kind, name, file }) =>
      patchCommand({ namespace, kind, name }, `${folder}/${of}/${file}.yaml`),
    );
  const wait = statusCommands(moved.filter(isPatched));
  const names = [...new Set(moved.map(({ serviceAccount }) => serviceAccount))];
  const commands = {
    run: [
      ...(hasNew ? [`kubectl apply -f ${added}`] : []),
      ...commandsOf('patches'),
      ...restartCommands(unpatched),
      ...wait,
    ],
    verify: [
      ...names.map((name) => `podrole list -n ${shellWord(namespace)} ${shellWord(name)}`),
      checkCommand(namespace, model),
    ],
    undo: [
      ...commandsOf('undo'),
      ...restartCommands(unpatched),
      ...wait,
      ...(hasNew ? [`kubectl delete -f ${added}`] : []),
    ],
  };
  const stays = moves.flatMap((move) =>
    move.stays === undefined ? [] : [[[move], stayNote(move.stays)] as const],
  );
  const title = '## Way B: roles of ServiceAccounts';
  if (commands.run.length === 0) return stays.length > 0 ? [title, noteList(stays)] : [];
  return [
    title,
    'The ServiceAccounts name the roles, as AWS does it. Workloads with different roles no longer share a ServiceAccount.',
    noteList([[moves.filter(needsSidecar), SIDECAR], ...afterwards(moved), ...stays]),
    lacksRights
      ? 'The RoleBindings of a shared ServiceAccount were not read, or are too many to copy: give the new ones the rights that their pods need.'
      : '',
    commandSections('###', commands),
    'Manifests in Git need the same changes, or the next deployment takes them back. With kustomize, name this folder under `components:` of the kustomization; to undo that, take it out again. If the webhook also reads the annotations of pods, the undo needs that of way A too. The files in `helm` are examples of values for charts.',
  ];
}

const SIDECAR =
  "These get podrole's sidecar, with the mode in their patches. An SDK that knows only instance metadata needs `metadata`, not `credentials`";

function needsSidecar({ workload }: Move): boolean {
  return workload.needs === 'sidecar';
}

function stayNote(reason: string): string {
  return `Not changed, because it ${markdownText(reason)}; use way A, or change that in its manifest and plan again`;
}

/** Says of workloads whose controllers do not replace their pods what is left to do. */
function afterwards(moves: readonly Move[]): readonly (readonly [readonly Move[], string])[] {
  const of = (how: Move['kind']['replaces']) => moves.filter(({ kind }) => kind.replaces === how);
  return [
    [of('next run'), 'These switch with their next run'],
    [of('delete pods'), 'These switch when you delete their pods'],
    [
      of('recreate'),
      'These cannot be changed. Create them again from their manifests, in way B with the changes of `patches`',
    ],
  ];
}

function noteList(notes: readonly (readonly [readonly Move[], string])[]): string {
  const nameOf = ({ workload }: Move) => markdownCode(`${workload.kind} ${workload.name}`);
  return bulletList(
    notes
      .filter(([moves]) => moves.length > 0)
      .map(([moves, note]) => `${note}: ${moves.map(nameOf).join(', ')}`),
  );
}

function checkCommand(namespace: string, { from }: MigrationModel): string {
  return `podrole migrate ${from} -n ${shellWord(namespace)} --check`;
}
