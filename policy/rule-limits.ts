/**
 * Longest annotation of a Namespace that is read as a rule, in characters: about 400 role ARNs. The API
 * server takes 256 KiB for all annotations of an object together.
 */
export const RULE_MAX_LENGTH = 32_768;

/** Most patterns of one annotation. */
export const RULE_MAX_PATTERNS = 1_000;

/** Longest role, name or ARN, that is compared. The longest ARN of AWS has about 620 characters. */
export const ROLE_MAX_LENGTH = 1_024;
