import { parseRoleArn } from '../../../lib/arn.ts';
import { counted } from '../../../lib/text/counted.ts';
import type { MigrationModel } from '../../model.ts';
import type { LeftOut, Move } from '../parts/moves.ts';
import { bulletList, codeBlock, commandSections, markdownText, page } from '../parts/page.ts';
import type { StepFile } from '../parts/step-file.ts';
import { annotationCommands, annotationFiles, annotationIsSpare } from './annotation-files.ts';
import { type MovedRoles, movedRoles } from './moved-roles.ts';
import { proxyCommands, proxyFiles } from './proxy-commands.ts';
import { denialCommands, denialFile, proxyPolicyCommands, roleCommands, roleFiles } from './role-files.ts';

/** Returns the files of the third step: nothing needs the proxy any more. */
export function cleanUpFiles(moves: readonly Move[], model: MigrationModel): readonly StepFile[] {
  const { proxyRoleArn, proxies, webhookFlags } = model;
  const roles = movedRoles(model);
  const denial = proxyRoleArn === undefined ? undefined : denialFile(roles.moved, proxyRoleArn);
  return [
    { path: '3-clean-up/README.md', text: cleanUpPage(moves, model, roles, denial !== undefined) },
    ...(denial ? [denial] : []),
    ...roleFiles(roles.moved),
    ...(mayStop(roles, model) ? proxyFiles(proxies) : []),
    ...annotationFiles(moves, webhookFlags.podRoleAnnotation),
  ];
}

function cleanUpPage(
  moves: readonly Move[],
  model: MigrationModel,
  { moved, waiting }: MovedRoles,
  hasDenial: boolean,
): string {
  const idle = moved.flatMap((one) => one.idle);
  return page(
    '# Step 3: clean up',
    'The commands run in the folder above `3-clean-up`, in this order. To go back, undo them in reverse order. They take from the proxy what no pod needs any more. Keep this folder: its undo is made of what was there when the plan was made.',
    model.isWhole === false
      ? 'The plan was made without some namespaces or lists, so it takes nothing from the proxy: pods that were not read may need it. Make one for all namespaces.'
      : '',
    waiting.length > 0 ? waitingSection(waiting, model) : '',
    idle.length > 0
      ? `These have no pods now. Start one of each, and see that it gets its role, before you go on:\n\n${bulletList(idle.map(markdownText))}`
      : '',
    ...denialSection(model, hasDenial),
    ...(moved.length > 0
      ? [
          '## The trust policies of the roles',
          'Each role that has moved no longer trusts the role of the proxy. The rest of its trust policy stays. The file names say the account whose credentials a command needs.',
          commandSections('###', roleCommands(moved)),
        ]
      : []),
    ...(mayStop({ waiting }, model) ? proxySection(model) : []),
    ...annotationSection(moves, model),
  );
}

/** Pods that were not read may still need the proxy. */
function mayStop({ waiting }: Pick<MovedRoles, 'waiting'>, { isWhole }: MigrationModel): boolean {
  return waiting.length === 0 && isWhole !== false;
}

function waitingSection(waiting: readonly LeftOut[], { from }: MigrationModel): string {
  const items = waiting.map(({ object, reason }) => `${markdownText(object)} ${markdownText(reason)}`);
  return `The proxy still serves these roles, so it must go on running. When they have moved, run \`podrole migrate ${from} --out FOLDER\` again, into a new folder:\n\n${bulletList(items)}`;
}

function denialSection({ proxyRoleArn }: MigrationModel, hasDenial: boolean): readonly string[] {
  if (!hasDenial || proxyRoleArn === undefined) return [];
  return [
    '## Deny the proxy the roles that have moved',
    'This comes first, because one command undoes it for all roles. Wait as long as a session of the proxy lasts, and see that nothing fails.',
    commandSections('###', denialCommands(proxyRoleArn)),
  ];
}

function proxySection({ proxies, proxyRoleArn, from }: MigrationModel): readonly string[] {
  const commands = proxyCommands(proxies);
  return [
    '## The proxy',
    `Without ${from}, pods may reach the instance metadata of their node, and with it the role of the node. Before you stop it, set the hop limit of the instances to 1 and require IMDSv2, or block 169.254.169.254 for pods. Pods with hostNetwork reach it all the same.`,
    commands.run.length > 0
      ? commandSections('###', commands)
      : `No DaemonSet or Deployment of ${from} was found: stop it as you installed it.`,
    `When nothing misses it, uninstall ${from} as you installed it. Its rule in iptables may stay on a node until the node restarts or is replaced.`,
    proxyRoleArn === undefined || !parseRoleArn(proxyRoleArn)
      ? ''
      : `Then take the statement that allows \`sts:AssumeRole\` out of the policies of its role, and the denial with it. These commands name the policies:\n\n${codeBlock(proxyPolicyCommands(proxyRoleArn))}`,
  ];
}

function annotationSection(moves: readonly Move[], model: MigrationModel): readonly string[] {
  const commands = annotationCommands(moves);
  const needed = moves.filter((move) => !annotationIsSpare(move)).length;
  const rest =
    needed > 0
      ? `Not listed: ${counted(needed, 'workload')}, because the ServiceAccount does not have the role or the pods have not moved.`
      : '';
  if (commands.run.length === 0) return [];
  return [
    '## The annotations of the pods',
    `Only after way B: the ServiceAccount has the role, so \`${model.webhookFlags.podRoleAnnotation}\` says nothing new. ${rest}`.trim(),
    commandSections('###', commands),
  ];
}
