import type { ErrorCatalogue } from './catalogue.ts';

/** Start of `podrole sts`. Its callers get the codes of AWS. */
export const stsErrors = {
  INVALID_FILE: {
    happened: 'A file of `podrole sts` cannot be used: its certificate, key or config.',
    remedy: 'Correct the file that the message names.',
  },
  INVALID_STS_CONFIG: {
    happened: 'The config of `podrole sts` lacks a member, or has one that is unknown or wrong.',
    remedy: 'Correct it. `podrole sts --help` has an example.',
  },
  INVALID_TRUST_POLICY: {
    happened: 'A trust policy is not valid, or has a condition that podrole cannot read as IAM does.',
    remedy: 'Correct it, by "IAM JSON policy elements" in the IAM User Guide.',
  },
} as const satisfies ErrorCatalogue;
