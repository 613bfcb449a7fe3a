import {
  CONTAINER_CREDENTIALS_JITTER_SECONDS,
  TOKEN_EXPIRATION_SECONDS,
} from '../../lib/contract/aws-webhook.ts';
import type { Random } from '../../lib/surroundings.ts';

/** Returns the seconds within the limits of Kubernetes. */
export function clampExpiration(seconds: number): number {
  return Math.min(Math.max(seconds, TOKEN_EXPIRATION_SECONDS.min), TOKEN_EXPIRATION_SECONDS.max);
}

/**
 * For container credentials, replaces the default by a random second of the last two hours before it, so that
 * pods that start together do not all renew together. Any other expiration was chosen, and stays.
 * @param random uniform in [0, 1)
 */
export function jitterExpiration(seconds: number, random: Random): number {
  const { min, max } = CONTAINER_CREDENTIALS_JITTER_SECONDS;
  return seconds === TOKEN_EXPIRATION_SECONDS.default
    ? min + Math.floor(random() * (max - min + 1))
    : seconds;
}
