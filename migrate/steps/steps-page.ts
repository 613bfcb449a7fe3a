import { printable } from '../../lib/text/printable.ts';
import { shellWord } from '../../lib/text/shell-word.ts';
import type { MigrationModel } from '../model.ts';
import type { LeftOut } from './parts/moves.ts';
import { bulletList, codeBlock, commandSections, markdownText, page } from './parts/page.ts';
import type { TrustStep } from './trust/trust-files.ts';

interface StepsPage {
  readonly trust: Pick<TrustStep, 'commands' | 'shared'>;
  readonly namespaces: readonly string[];
  readonly left: readonly LeftOut[];
}

/** Returns the first page: what to do, in which order, and how to go back. */
export function stepsPage({ trust, namespaces, left }: StepsPage, model: MigrationModel): string {
  const { from, unread } = model;
  return page(
    `# From ${from} to podrole`,
    `Three steps, and each can be undone. The pods keep their roles in between: a pod that has not been restarted still asks ${from}, and the roles trust both. All commands run in this folder. To go back, undo the steps in reverse order.`,
    left.length > 0
      ? `These files leave out, because it needs a decision:\n\n${bulletList(left.map(({ object, reason }) => `${markdownText(object)} ${markdownText(reason)}`))}`
      : '',
    unread.length > 0
      ? `This was not read, so the files may lack something:\n\n${bulletList(unread.map(markdownText))}`
      : '',
    ...trustSection(trust, model),
    ...namespaceSection(namespaces, model),
    '## Step 3: clean up',
    `When \`podrole migrate ${from} --check\` says that all have moved, run \`podrole migrate ${from} --out FOLDER\` again, into a new folder: the files of step 3 are made of what IAM and the cluster hold then. [3-clean-up](3-clean-up/README.md) says how far they go now.`,
  );
}

function trustSection({ commands, shared }: StepsPage['trust'], { from }: MigrationModel): readonly string[] {
  return [
    '## Step 1: trust both',
    commands.run.length > 0
      ? `Each role trusts its ServiceAccount too. Its other statements stay, so ${from} still works. The first run also creates the OIDC provider of the cluster if IAM has none, and the undo leaves it there. A file whose name has an account needs credentials of that account.`
      : 'There is nothing to do.',
    commandSections('###', commands),
    ...(shared.run.length > 0
      ? [
          '### Only for way A: ServiceAccounts that are shared now',
          'As long as workloads with different roles share a ServiceAccount, each of these roles must trust it. Then each of their pods could get each of these roles, if it asks AWS itself. Undo this after way B.',
          commandSections('###', shared),
        ]
      : []),
  ];
}

function namespaceSection(namespaces: readonly string[], model: MigrationModel): readonly string[] {
  return [
    '## Step 2: switch namespaces, one by one',
    'Choose one of two ways, for all namespaces or for each.',
    '**Way A, change nothing.** The webhook reads the annotations that the pods have. It needs these flags (as variables: `PODROLE_POD_ROLE_ANNOTATION` and so on). From then on, each annotated pod that starts gets its role from podrole, in all namespaces: run step 1 and the rules of all namespaces first.',
    codeBlock([`podrole webhook ${webhookFlags(model).join(' ')}`], 'console'),
    '**Way B, ServiceAccounts.** The ServiceAccounts name the roles. The webhook needs no further flags, and only the namespaces that you change are switched.',
    model.workloads.some(({ needs }) => needs === 'unknown')
      ? `It is unknown whether the SDKs of all workloads know web identity. \`podrole migrate ${model.from} --probe\` finds out which ones need the sidecar.`
      : '',
    namespaces.length > 0
      ? 'Start with the namespace that matters least:'
      : 'The plan has no workload that these files can switch.',
    bulletList(namespaces.map((name) => `[${name}](2-namespaces/${name}/README.md)`)),
  ];
}

function webhookFlags({ webhookFlags: flags }: MigrationModel): readonly string[] {
  const { podRoleAnnotation, baseRoleArn, namespaceRestrictionFormat } = flags;
  return [
    `--pod-role-annotation=${podRoleAnnotation}`,
    ...(baseRoleArn === undefined ? [] : [`--base-role-arn=${baseRoleArn}`]),
    ...(namespaceRestrictionFormat === 'glob'
      ? []
      : [`--namespace-restriction-format=${namespaceRestrictionFormat}`]),
  ].map((flag) => shellWord(printable(flag)));
}
