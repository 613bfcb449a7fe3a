import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import { JWKS_PATH } from '../../../../lib/contract/kubernetes.ts';
import { DISCOVERY_PATH } from '../../../../lib/contract/sts.ts';
import type { Authority } from '../../../../testing/certificates/certificates.ts';
import { awsEnvironment, clientOptions } from '../../../aws/aws-server.ts';
import { startMoto } from '../../../aws/moto.ts';
import { startRadosgw } from '../../../aws/radosgw.ts';
import { expectSuccess } from '../../../cluster/api-objects.ts';
import type { ControlPlane } from '../../../cluster/control-plane.ts';
import { READ_BUCKET } from '../../aws/trusting-radosgw.ts';
import { runPodrole } from '../../run-podrole.ts';
import type { TemporarySite } from '../../temporary-site.ts';
import { startIamFront } from './iam-front.ts';
import { createMirroredSts, type MirroredSts } from './mirrored-sts.ts';
import type { IssuerDocuments } from './scripted-issuer.ts';

/** IAM and STS of a site. */
export interface AwsSide {
  readonly account: string;
  readonly iam: IAMClient;
  readonly sts: Pick<MirroredSts, 'refresh' | 'clockAheadSeconds'>;
  /** Variables of the operator that lead to them. */
  readonly env: Readonly<Record<string, string>>;
  /** Flags of `podrole bind` that give the role its policies. */
  readonly bindFlags: readonly string[];
  /** Returns what the issuer has to publish. @param issuer URL of the issuer */
  documentsOf(cluster: ControlPlane, issuer: string): Promise<IssuerDocuments>;
}

interface Surroundings {
  readonly site: TemporarySite;
  readonly authority: Authority;
  /** The authority of the issuer's certificate, PEM. */
  readonly caFile: string;
}

/** Policy of the role in moto. */
export const READ_ONLY = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';

/** IAM is moto's, and the shipped `podrole sts` verifies tokens for it. */
export async function startMotoSide({ site, caFile }: Surroundings): Promise<AwsSide> {
  const moto = await startMoto();
  site.onStop(() => moto.stop());
  const iam = new IAMClient(clientOptions(moto));
  const front = await startIamFront(iam, moto.url);
  site.onStop(() => front.stop());
  const sts = createMirroredSts(site, { iam, account: moto.account, caFile });
  site.onStop(() => sts.stop());
  // STS has its public names, which lead to a front of `podrole sts`.
  const { AWS_ENDPOINT_URL_STS: _, ...aws } = awsEnvironment(moto);
  return {
    ...{ account: moto.account, iam, sts },
    env: { ...aws, AWS_ENDPOINT_URL_IAM: front.url },
    bindFlags: ['--attach-policy-arn', READ_ONLY],
    documentsOf: ownDocuments,
  };
}

/** IAM and STS are those of Ceph: podrole has no part in the verdict on a token. */
export async function startRadosgwSide({ site, authority, caFile }: Surroundings): Promise<AwsSide> {
  const radosgw = await startRadosgw(authority.cert);
  site.onStop(() => radosgw.stop());
  return {
    account: radosgw.account,
    iam: new IAMClient(clientOptions(radosgw)),
    sts: { refresh: async () => undefined, clockAheadSeconds: 0 },
    // radosgw refuses every token for a role with tags.
    env: { ...awsEnvironment(radosgw), PODROLE_OWNERSHIP_TAGS: 'false' },
    bindFlags: ['--policy-file', await site.file('policy.json', JSON.stringify(READ_BUCKET))],
    documentsOf: async ({ kubeconfig }, issuer) => {
      const folder = path.join(site.folder, 'published');
      const args = ['publish', '--to', folder, '--issuer', issuer, '--x5c', '--verify=false'];
      const env = { KUBECONFIG: kubeconfig, NODE_EXTRA_CA_CERTS: caFile };
      const { code, stderr } = await runPodrole(args, env);
      if (code !== 0) throw new Error(`podrole publish: ${stderr}`);
      const [discovery, jwks] = await Promise.all(
        [DISCOVERY_PATH, JWKS_PATH].map(async (name) =>
          JSON.parse(await readFile(path.join(folder, name), 'utf8')),
        ),
      );
      return { discovery, jwks };
    },
  };
}

/** Returns the documents of the API server, which names itself by default, where STS cannot reach it. */
async function ownDocuments(cluster: ControlPlane, issuer: string): Promise<IssuerDocuments> {
  const [discovery, jwks] = await Promise.all(
    [DISCOVERY_PATH, JWKS_PATH].map(async (name) => (await expectSuccess(cluster, 'GET', name)).body),
  );
  return {
    discovery: { ...(discovery as object), jwks_uri: `${issuer}${JWKS_PATH}` },
    jwks: jwks as IssuerDocuments['jwks'],
  };
}
