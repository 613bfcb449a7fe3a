import { findAccount } from '../../bind/iam/find-account.ts';
import { openIam } from '../../bind/iam/open-iam.ts';
import { listProviderArns } from '../../bind/iam/read-provider.ts';
import { listRoles } from '../../bind/iam/read-role.ts';
import type { Unread } from '../../doctor/audit/collect/unread.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Env, Progress } from '../../lib/surroundings.ts';
import type { MigrationIam } from '../facts/migration-facts.ts';
import type { MigrateSettings } from '../settings.ts';

const NO_IAM: MigrationIam = { account: undefined, roles: undefined, providerArns: undefined };

/** Reads account, roles and OIDC providers. What cannot be read goes to `unread`. */
export async function collectIam(
  settings: MigrateSettings,
  { env, progress, unread }: { readonly env: Env; readonly progress: Progress; readonly unread: Unread },
): Promise<MigrationIam> {
  if (!settings.iam) {
    unread.add('IAM: --iam=false; without it: which roles exist, and whom they trust');
    return given(settings);
  }
  const iam = await openIam(settings.partition, env);
  const attempt = <Value>(what: string, missing: string, read: () => Promise<Value>) =>
    read().catch((thrown: unknown) => {
      if (!(thrown instanceof PodroleError)) throw thrown;
      const [fault] = thrown.faults;
      const why = fault ? `${fault.remedy} (${fault.problem})` : thrown.message;
      unread.add(`${what}: ${why}; without it: ${missing}`);
      return undefined;
    });
  try {
    progress.show('reading IAM');
    const roles = await attempt('roles of IAM', 'which roles exist, and whom they trust', () =>
      listRoles(iam, (done) => progress.show('reading roles', done)),
    );
    // Without credentials, all reads fail for the same reason.
    if (!roles) return given(settings);
    const account = await attempt('account', 'what completes role names', () =>
      findAccount(settings, env, iam),
    );
    const providerArns = await attempt('OIDC providers', 'whether the issuer has one', () =>
      listProviderArns(iam),
    );
    return {
      account,
      roles: roles.map((role) => ({ ...role, lastUsedAt: 'unknown' as const })),
      providerArns,
    };
  } finally {
    iam.destroy();
  }
}

function given({ accountId, partition }: MigrateSettings): MigrationIam {
  if (accountId === undefined) return NO_IAM;
  return { ...NO_IAM, account: { accountId, partition: partition ?? 'aws' } };
}
