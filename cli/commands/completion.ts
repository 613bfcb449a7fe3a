import { PodroleError } from '../../lib/errors.ts';
import { nearestName } from '../../lib/text/nearest-name.ts';
import { defineCommand } from '../command.ts';
import { completionScripts } from '../completion/scripts.ts';

const SHELLS = Object.keys(completionScripts);

export const completion = defineCommand({
  description: `Prints the script that lets a shell complete command lines of podrole: commands, flags and their values, files, contexts of the kubeconfig, and namespaces and ServiceAccounts of the cluster. The script asks podrole itself at each key press, so that it need not be renewed.

  bash        source <(podrole completion bash)
  zsh         source <(podrole completion zsh), after compinit
  fish        podrole completion fish | source
  powershell  podrole completion powershell | Out-String | Invoke-Expression

Such a line in the shell's start file is enough; docs/completion.md has more ways, and kubectl podrole.`,
  examples: [
    ['completion bash', 'Print the script for bash'],
    ['completion powershell', 'Print the script for PowerShell'],
  ],
  settings: {},
  operands: [{ placeholder: '<shell>', help: `${SHELLS.join(', ')}`, values: SHELLS }],
  run: async (_settings, { stdout }, [shell = '']) => {
    const script = completionScripts[shell];
    if (script === undefined || !SHELLS.includes(shell)) {
      const nearest = nearestName(shell, SHELLS, 2);
      const remedy = nearest === undefined ? `give one of ${SHELLS.join(', ')}` : `did you mean ${nearest}?`;
      const problem = 'is not a shell that podrole can complete in';
      throw new PodroleError({ code: 'INVALID_SETTING', object: JSON.stringify(shell), problem, remedy });
    }
    stdout.write(script);
    return 'done';
  },
});
