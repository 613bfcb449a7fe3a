import { IAM_OIDC_PROVIDER } from '../../lib/contract/iam.ts';

/** True for a string that IAM accepts as a client ID of an OIDC provider. */
export function isClientId(text: string): boolean {
  return text.length > 0 && text.length <= IAM_OIDC_PROVIDER.maxClientIdLength;
}
