import { IAMClient } from '@aws-sdk/client-iam';
import { createAuthority } from '../../../testing/certificates/certificates.ts';
import { awsEnvironment, clientOptions } from '../../aws/aws-server.ts';
import { type Moto, startMoto } from '../../aws/moto.ts';
import { createNamespace } from '../../cluster/api-objects.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import { ISSUER, publishIssuer } from './aws-side.ts';

/** A real API server with the namespace `shop`, its issuer, and a third-party IAM and STS. */
export interface MotoSite extends TemporarySite {
  readonly cluster: ControlPlane;
  readonly moto: Moto;
  readonly iam: IAMClient;
  /** Variables by which podrole finds all of them, and trusts the issuer's certificate. */
  readonly environment: Readonly<Record<string, string>>;
}

export function startMotoSite(): Promise<MotoSite> {
  return startSite(async ({ file, onStop }) => {
    const cluster = await startControlPlane({ issuer: ISSUER });
    onStop(() => cluster.stop());
    const moto = await startMoto();
    onStop(() => moto.stop());
    const authority = await createAuthority('issuers');
    const issuer = await publishIssuer(cluster, authority);
    onStop(() => issuer.stop());
    await createNamespace(cluster, 'shop');
    const environment = {
      ...awsEnvironment(moto),
      KUBECONFIG: cluster.kubeconfig,
      NODE_EXTRA_CA_CERTS: await file('ca.crt', authority.cert),
    };
    return { cluster, moto, iam: new IAMClient(clientOptions(moto)), environment };
  });
}
