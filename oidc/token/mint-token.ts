import { SignJWT } from 'jose';
import type { TokenSigner } from './signing-key.ts';

/** Claims that a user chooses. */
export interface TokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Whole seconds. */
  readonly lifetimeMs: number;
}

export interface MintedToken {
  readonly token: string;
  readonly kid: string;
  readonly expiresAt: Date;
}

/**
 * Signs a web identity token with the claims of a ServiceAccount token that STS reads: `iss`, `sub`, `aud`,
 * `iat`, `nbf`, `exp`, `jti`.
 * @param id `jti`, unique for each token
 */
export async function mintToken(
  { kid, algorithm, privateKey }: TokenSigner,
  { issuer, subject, audience, lifetimeMs }: TokenClaims,
  now: Date,
  id: string,
): Promise<MintedToken> {
  const iat = Math.floor(now.getTime() / 1_000);
  const exp = iat + lifetimeMs / 1_000;
  const claims = { iss: issuer, sub: subject, aud: [audience], iat, nbf: iat, exp, jti: id };
  const token = await new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(privateKey);
  return { token, kid, expiresAt: new Date(exp * 1_000) };
}
