import {
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
} from '@aws-sdk/client-iam';
import { type DoctorSite, ISSUER } from './doctor-site.ts';

/** Changes of the OIDC provider in IAM. Ceph's radosgw can only create and delete it. */

interface ProviderParts {
  readonly Url?: string;
  readonly ClientIDList: readonly string[];
  readonly ThumbprintList: readonly string[];
}

async function readProvider({ iam, providerArn }: DoctorSite): Promise<ProviderParts> {
  const { ClientIDList = [], ThumbprintList = [] } = await iam.send(
    new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: providerArn }),
  );
  return { ClientIDList, ThumbprintList };
}

export function deleteProvider({ iam, providerArn }: DoctorSite, arn = providerArn): Promise<unknown> {
  return iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
}

export function createProvider(
  { iam }: DoctorSite,
  { Url = ISSUER, ...lists }: ProviderParts,
): Promise<unknown> {
  const { ClientIDList, ThumbprintList } = lists;
  return iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url,
      ClientIDList: [...ClientIDList],
      ThumbprintList: [...ThumbprintList],
    }),
  );
}

/** Replaces the provider of the issuer by one with other parts. */
export async function replaceProvider(site: DoctorSite, parts: Partial<ProviderParts>): Promise<void> {
  const present = await readProvider(site);
  await deleteProvider(site);
  await createProvider(site, { ...present, ...parts });
}
