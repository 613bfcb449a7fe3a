import { afterEach, beforeEach } from 'node:test';
import { NO_ACCOUNT } from '../../lib/settings/account-setting.ts';
import { type MemoryIam, startMemoryIam } from '../aws/memory-iam.ts';
import { DISCOVERY_PATH, type FakeCluster, startFakeCluster } from '../kubernetes/fake-cluster.ts';
import { type CliResult, runCli } from '../processes/cli.ts';

export const SITE_ISSUER = 'https://oidc.example.test/one';

/** First lines of a plan, whose port differs in each run. */
const PLAN_TARGET = /^cluster: .*\naccount: .*\nissuer: .*\n\n/;

/** An IAM and a cluster in memory, and podrole, which connects to both. */
interface BindSite {
  readonly iam: MemoryIam;
  readonly cluster: FakeCluster;
  /** Returns the result, a plan without the lines about the systems that it is for. */
  readonly podrole: (...args: string[]) => Promise<CliResult>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a site. The AWS SDK of this process uses its IAM, so that a test file can have one site at a time.
 */
export async function startBindSite(): Promise<BindSite> {
  const [iam, cluster] = await Promise.all([startMemoryIam(), startFakeCluster()]);
  cluster.objects.set(DISCOVERY_PATH, { issuer: SITE_ISSUER });
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_IAM: iam.url,
    AWS_ENDPOINT_URL_STS: iam.url,
  });
  return {
    iam,
    cluster,
    podrole: async (...args) => {
      const { stdout, ...result } = await runCli([
        ...args,
        ...['--account-id', iam.account || NO_ACCOUNT, '--kube-api', cluster.url],
      ]);
      return { ...result, stdout: stdout.replace(PLAN_TARGET, '') };
    },
    stop: async () => {
      await Promise.all([iam.stop(), cluster.stop()]);
    },
  };
}

/** Gives every test of a file a new site. */
export function useBindSite(): Omit<BindSite, 'stop'> {
  let site: BindSite;
  beforeEach(async () => {
    site = await startBindSite();
  });
  afterEach(() => site.stop());
  return {
    get iam() {
      return site.iam;
    },
    get cluster() {
      return site.cluster;
    },
    podrole: (...args) => site.podrole(...args),
  };
}
