import {
  GetOpenIDConnectProviderCommand,
  type IAMClient,
  ListOpenIDConnectProvidersCommand,
  type Tag,
} from '@aws-sdk/client-iam';
import type { ProviderFacts } from './iam-facts.ts';
import { iamError, isAbsent } from './iam-fault.ts';

/**
 * ARNs of the account's OIDC providers, at most a hundred.
 * @throws PodroleError `IAM_ACCESS_DENIED` and the like; see iam-fault.ts
 */
export async function listProviderArns(iam: IAMClient): Promise<readonly string[]> {
  try {
    const { OpenIDConnectProviderList: list = [] } = await iam.send(
      new ListOpenIDConnectProvidersCommand({}),
    );
    return list.flatMap(({ Arn }) => Arn ?? []);
  } catch (thrown) {
    // radosgw says so of an account without any.
    if (isAbsent(thrown)) return [];
    throw iamError(thrown, {
      operation: 'ListOpenIDConnectProviders',
      object: 'OIDC providers of the account',
    });
  }
}

/**
 * An OIDC provider; undefined where IAM says that there is none.
 * @throws PodroleError where that can't be told; see iam-fault.ts
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

/** IAM's list of tags as a record. */
export function tagsOf(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])),
  );
}
