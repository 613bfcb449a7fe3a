/** Command line of another program, whose options podrole would take for its own. */
export const SEPARATOR_MISSING = 'write podrole exec [options] -- COMMAND [ARGUMENTS]';

/** Commands of kubectl, eksctl and terraform, and what to run instead. */
const COMMANDS: Readonly<Record<string, string>> = {
  apply: 'run podrole bind --approve, or podrole up --approve for a whole cluster',
  create: 'run podrole bind, which creates the role and the ServiceAccount',
  delete: 'run podrole unbind, which removes a role',
  describe: 'run podrole doctor, which explains one pod, or podrole list, which shows what is bound',
  destroy: 'run podrole unbind, which removes a role',
  diff: 'run podrole bind without --approve, or podrole inject --diff for manifests',
  get: 'run podrole list, which shows what is bound',
  install: 'run podrole up, which installs the webhook',
  plan: 'run podrole bind or podrole up without --approve: they only print the plan',
};

/** Commands that print a plan, and change something only with --approve. */
const PLANNING = ['bind', 'provider', 'unbind', 'up'];

const PLAN_ONLY = 'leave it out: without --approve nothing is changed';
const APPROVE = 'give --approve to make the changes';
const PLANNING_OPTIONS: Readonly<Record<string, string>> = {
  '--auto-approve': APPROVE,
  '--cluster': 'choose the cluster by --kubeconfig and --context',
  '--dry-run': PLAN_ONLY,
  '--plan': PLAN_ONLY,
  '--profile': 'set AWS_PROFILE, as for the AWS CLI',
  '--region': 'set AWS_REGION, as for the AWS CLI',
  '--yes': APPROVE,
  '-y': APPROVE,
};

const NAME_AS_OPERAND = 'write the name without a flag: -n NAMESPACE NAME';

/**
 * Returns advice for a command or an option that other tools have and podrole does not.
 * @param args the whole command line
 * @param unknown the unknown command or option
 */
export function adviseByHabit(args: readonly string[], unknown: string): string | undefined {
  const [command] = args;
  if (command === 'exec' && !args.includes('--')) return SEPARATOR_MISSING;
  if (command === unknown) return own(COMMANDS, unknown);
  if (command === undefined || !PLANNING.includes(command)) return undefined;
  if (unknown === '--name' && command.endsWith('bind')) return NAME_AS_OPERAND;
  return own(PLANNING_OPTIONS, unknown);
}

function own(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
