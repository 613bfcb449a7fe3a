/** Texts with which STS answers for a fault at the issuer. Two spaces, as AWS writes it. */
export const NO_KEY =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
export const NOT_VALIDATED = 'The web identity token provided could not be validated';
export const NO_CONTACT = 'An error occurred while communicating with the identity provider';
export const OTHER_THUMBPRINT =
  "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";
export const NO_PROVIDER = 'No OpenIDConnect provider found in your account for';

/** Answers of STS if it cannot fetch or read a document. */
export const UNREAD = [NO_KEY, NOT_VALIDATED, NO_CONTACT, 'InvalidIdentityToken'] as const;
