import type { IAMClient } from '@aws-sdk/client-iam';
import { listProviderArns, readProvider } from '../../../../bind/iam/read-provider.ts';
import { listRoles, readRole } from '../../../../bind/iam/read-role.ts';
import { statementsOf } from '../../../../bind/trust/trust-policy-parts.ts';
import { PodroleError } from '../../../../lib/errors.ts';
import { asObject } from '../../../../lib/json/json.ts';
import { parseTrustPolicy } from '../../../../sts/policy-document.ts';
import { type ServerProcess, startPodrole } from '../../../../testing/processes/server-process.ts';
import type { TemporarySite } from '../../temporary-site.ts';

/** Port of the shipped `podrole sts`, behind the front that has the name of AWS's STS. */
export const LOCAL_STS_PORT = 8_100;

/** The shipped `podrole sts`, for the providers and roles that an IAM holds. */
export interface MirroredSts {
  /** Time by which its clock is ahead, from the next start on. */
  clockAheadSeconds: number;
  /** Starts it again with what IAM holds now, and without keys that it has fetched. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

interface MirroredIam {
  readonly iam: IAMClient;
  readonly account: string;
  /** The authority of the issuers' certificates, PEM. */
  readonly caFile: string;
}

/** Provider for an IAM without any, since `podrole sts` needs one. Nobody has tokens of this issuer. */
const NO_PROVIDER = { url: 'https://nobody.example.test', clientIDs: ['nobody'] };

const FOR_NOBODY = {
  Statement: { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRoleWithWebIdentity' },
};

/**
 * Creates an STS for an IAM that never verifies a token itself. The configuration is copied from IAM. It adds
 * no decision.
 */
export function createMirroredSts({ file }: TemporarySite, mirrored: MirroredIam): MirroredSts {
  let running: ServerProcess | undefined;
  const stop = async () => {
    await running?.stop('SIGKILL');
    running = undefined;
  };
  const sts: MirroredSts = {
    clockAheadSeconds: 0,
    stop,
    async refresh() {
      const [config] = await Promise.all([stsConfig(mirrored), stop()]);
      // JSON is YAML.
      const args = ['sts', '--config', await file('sts.yaml', JSON.stringify(config))];
      const { clockAheadSeconds } = sts;
      const nodeArgs = clockAheadSeconds === 0 ? [] : [`--import=${clockHook(clockAheadSeconds)}`];
      running = await startPodrole([...args, '--port', `${LOCAL_STS_PORT}`], { from: 'bundle', nodeArgs });
    },
  };
  return sts;
}

async function stsConfig({ iam, account, caFile }: MirroredIam): Promise<object> {
  const [arns, names] = await Promise.all([listProviderArns(iam), listRoles(iam)]);
  const [providers, roles] = await Promise.all([
    Promise.all(arns.map((arn) => readProvider(iam, arn))),
    Promise.all(names.map(({ name }) => readRole(iam, name))),
  ]);
  const trusted = providers.flatMap((provider) =>
    provider && provider.clientIds.length > 0
      ? [{ url: provider.issuer, clientIDs: provider.clientIds, thumbprints: provider.thumbprints, caFile }]
      : [],
  );
  const assumable = roles.flatMap((role) =>
    role
      ? [
          {
            arn: role.arn,
            trustPolicy: readable(role.trustPolicy),
            maxSessionDuration: role.maxSessionDurationSeconds,
          },
        ]
      : [],
  );
  const noRole = { arn: `arn:aws:iam::${account}:role/nobody`, trustPolicy: FOR_NOBODY };
  return {
    account,
    providers: trusted.length > 0 ? trusted : [NO_PROVIDER],
    roles: assumable.length > 0 ? assumable : [noRole],
  };
}

/**
 * Returns a policy without the statements that `podrole sts` refuses to start with, such as those with a
 * misspelt key. AWS keeps them; they let nobody in.
 */
function readable(policy: unknown): unknown {
  const Statement = statementsOf(asObject(policy)).filter((statement) => {
    try {
      return parseTrustPolicy({ Statement: [statement] });
    } catch (thrown) {
      if (thrown instanceof PodroleError) return false;
      throw thrown;
    }
  });
  return Statement.length > 0 ? { Statement } : FOR_NOBODY;
}

/** Returns a module that moves the clock of a process of Node forwards. */
function clockHook(seconds: number): string {
  const source = `
    const now = Date.now;
    globalThis.Date = class extends Date {
      constructor(...given) { super(...(given.length > 0 ? given : [now() + ${seconds * 1_000}])); }
      static now() { return now() + ${seconds * 1_000}; }
    };`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
