import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asObject } from '../../lib/json/json.ts';
import { type MemoryIam, startMemoryIam } from '../aws/memory-iam.ts';
import { createAuthority } from '../certificates/certificates.ts';
import { DISCOVERY_PATH } from '../kubernetes/fake-cluster.ts';
import { startIssuer, type TestIssuer } from '../oidc/issuer.ts';
import { type CliResult, runCli } from '../processes/cli.ts';
import { type DoctorCluster, ISSUER, startDoctorCluster } from './doctor-cluster.ts';
import { startMirroredSts } from './mirrored-sts.ts';

/** Every system on the way of a token, and podrole, which connects to all of them. */
export interface DoctorSite {
  readonly cluster: DoctorCluster;
  readonly iam: MemoryIam;
  readonly issuer: TestIssuer;
  /** Folder for files of a test. */
  readonly folder: string;
  /** Runs a command line with the addresses of the site. */
  readonly podrole: (...args: string[]) => Promise<CliResult>;
  readonly stop: () => Promise<void>;
}

const HOST = ISSUER.replace('https://', '');
const TRUST_POLICY = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${HOST}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: {
        [`${HOST}:sub`]: 'system:serviceaccount:shop:web',
        [`${HOST}:aud`]: 'sts.amazonaws.com',
      },
    },
  },
};

/**
 * Starts a site where pods of ServiceAccount shop/web get their role. The AWS SDK of this process uses its
 * IAM, so that a test file can have one site at a time.
 */
export async function startDoctorSite(): Promise<DoctorSite> {
  const webhook = await createAuthority('webhook authority');
  const [cluster, iam, issuer] = await Promise.all([
    startDoctorCluster({ caBundle: Buffer.from(webhook.cert).toString('base64') }),
    startMemoryIam(),
    startIssuer(ISSUER),
  ]);
  serveKeysOf(cluster, issuer);
  fillIam(iam, issuer);
  const sts = await startMirroredSts(iam, issuer);
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_IAM: iam.url,
    AWS_ENDPOINT_URL_STS: iam.url,
  });
  const folder = mkdtempSync(join(tmpdir(), 'podrole-doctor-'));
  const ca = join(folder, 'issuer-ca.crt');
  writeFileSync(ca, issuer.ca);
  const { host, port } = issuer.connectTo;
  return {
    cluster,
    iam,
    issuer,
    folder,
    podrole: (...args) =>
      runCli([
        ...args,
        ...['--kube-api', cluster.url, '--verify-ca', ca, '--verify-connect-to', `${host}:${port}`],
        ...['--sts-endpoint-url', sts.url],
      ]),
    stop: async () => {
      await Promise.all([cluster.stop(), iam.stop(), issuer.close(), sts.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Members that OpenID Connect requires. */
const SUPPORTED = {
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
};

/** The issuer publishes the keys with which the cluster signs. */
function serveKeysOf(cluster: DoctorCluster, issuer: TestIssuer): void {
  const documents: Readonly<Record<string, () => object>> = {
    [DISCOVERY_PATH]: () => ({ ...asObject(cluster.objects.get(DISCOVERY_PATH)), ...SUPPORTED }),
    '/openid/v1/jwks': () => asObject(cluster.objects.get('/openid/v1/jwks')) ?? {},
  };
  issuer.answerWith = ({ url = '' }, response) => {
    const document = documents[url]?.();
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  };
}

function fillIam(iam: MemoryIam, { ca }: TestIssuer): void {
  iam.roles.set('shop-web', {
    path: '/',
    trustPolicy: JSON.stringify(TRUST_POLICY),
    description: '',
    maxSessionDuration: '3600',
    boundary: undefined,
    tags: new Map(),
    attached: new Set(['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']),
    inline: new Map(),
  });
  iam.providers.set(`arn:aws:iam::111122223333:oidc-provider/${HOST}`, {
    url: HOST,
    clientIds: new Set(['sts.amazonaws.com']),
    thumbprints: [new X509Certificate(ca).fingerprint.replaceAll(':', '').toLowerCase()],
    tags: new Map(),
  });
}
