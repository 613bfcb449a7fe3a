import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { startPodrole } from '../../../testing/processes/server-process.ts';
import { type AwsServer, clientOptions } from '../../aws/aws-server.ts';
import { type Minio, startMinio } from '../../aws/minio.ts';
import { startRadosgw } from '../../aws/radosgw.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';

/** A host of e2e/cluster/hosts. */
const ISSUER = 'https://oidc.example.test';
export const AUDIENCE = 'sts.amazonaws.com';
export const BUCKET = 'shop-files';
export const OBJECT = 'a.txt';
export const CONTENT = 'kept from everybody else\n';

/** A cluster and servers with S3 of an own machine room, which trust the cluster's issuer. No AWS. */
export interface OnPremises extends TemporarySite {
  readonly cluster: ControlPlane;
  /** Ceph's tenant without a name, which is the default. */
  readonly ceph: AwsServer;
  readonly cephTenant: AwsServer;
  readonly minio: Minio;
  /** The CA of the issuer's certificate, PEM. */
  readonly caFile: string;
}

/** Starts them, with the cluster's keys published, and one object in a bucket of each server. */
export function startOnPremises(): Promise<OnPremises> {
  return startSite(async ({ folder, file, onStop }) => {
    const authority = await createAuthority('machine room');
    const { cert, key } = await authority.issue([new URL(ISSUER).host]);
    const caFile = await file('ca.crt', authority.cert);
    const cluster = await startControlPlane({ issuer: ISSUER });
    onStop(() => cluster.stop());
    const publisher = await startPodrole(
      [
        ...['publish', '--serve', '--x5c', '--host', '127.0.0.2', '--port', '443', '--metrics-port', '9998'],
        ...['--tls-cert', await file('tls.crt', cert), '--tls-key', await file('tls.key', key)],
      ],
      { from: 'bundle', env: { KUBECONFIG: cluster.kubeconfig } },
    );
    onStop(() => publisher.stop('SIGKILL'));
    const ceph = await startRadosgw(authority.cert);
    onStop(() => ceph.stop());
    const minio = await startMinio(folder, { issuer: ISSUER, audience: AUDIENCE, policy: 'readonly' });
    onStop(() => minio.stop());
    const servers = { ceph: await ceph.tenant(''), cephTenant: await ceph.tenant('tenant1'), minio };
    for (const server of Object.values(servers)) await storeObject(server, BUCKET);
    return { cluster, ...servers, caFile };
  });
}

/** Creates a bucket with the object. */
export async function storeObject(server: AwsServer, bucket: string): Promise<void> {
  const s3 = new S3Client({ ...clientOptions(server), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: OBJECT, Body: CONTENT }));
}
