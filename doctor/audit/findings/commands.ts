import { shellWord } from '../../../lib/text/shell-word.ts';

interface BoundAccount {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly container?: string | undefined;
}

/** Returns the command that lets a role trust a ServiceAccount, and annotates it. */
export function bindCommand(
  account: BoundAccount,
  role: { readonly arn: string } | { readonly name: string },
): string {
  const { namespace, serviceAccount, container } = account;
  const ofContainer = container === undefined ? '' : ` --container ${shellWord(container)}`;
  const ofRole =
    'arn' in role ? `--attach-role-arn ${shellWord(role.arn)}` : `--role-name ${shellWord(role.name)}`;
  return `podrole bind -n ${shellWord(namespace)} ${shellWord(serviceAccount)}${ofContainer} ${ofRole} --approve`;
}
