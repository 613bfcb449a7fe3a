import {
  GetOpenIDConnectProviderCommand,
  type IAMClient,
  ListOpenIDConnectProvidersCommand,
  type Tag,
} from '@aws-sdk/client-iam';
import type { ProviderFacts } from './iam-facts.ts';
import { iamError, isAbsent } from './iam-fault.ts';

/**
 * Returns the ARNs of the account's OIDC providers, at most a hundred.
 * @throws PodroleError `IAM_ACCESS_DENIED` and the like; see iam-fault.ts
 */
export async function listProviderArns(iam: IAMClient): Promise<readonly string[]> {
  try {
    const { OpenIDConnectProviderList: list = [] } = await iam.send(
      new ListOpenIDConnectProvidersCommand({}),
    );
    return list.flatMap(({ Arn }) => Arn ?? []);
  } catch (thrown) {
    // The answer of radosgw for an account without any.
    if (isAbsent(thrown)) return [];
    throw iamError(thrown, {
      operation: 'ListOpenIDConnectProviders',
      object: 'OIDC providers of the account',
    });
  }
}

/**
 * Reads an OIDC provider; undefined if IAM says that it does not exist.
 * @throws PodroleError if IAM does not say; see iam-fault.ts
 */
export async function readProvider(iam: IAMClient, arn: string): Promise<ProviderFacts | undefined> {
  try {
    const found = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn }));
    const url = found.Url ?? arn.replace(/^.*:oidc-provider\//, '');
    return {
      arn,
      issuer: url.startsWith('https://') ? url : `https://${url}`,
      clientIds: found.ClientIDList ?? [],
      thumbprints: (found.ThumbprintList ?? []).map((print) => print.toLowerCase()),
      tags: tagsOf(found.Tags),
      createdAt: found.CreateDate,
    };
  } catch (thrown) {
    if (isAbsent(thrown)) return undefined;
    throw iamError(thrown, { operation: 'GetOpenIDConnectProvider', object: `OIDC provider ${arn}` });
  }
}

/** Returns IAM's list of tags as a record. */
export function tagsOf(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])),
  );
}
