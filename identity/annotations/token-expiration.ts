import {
  CONTAINER_CREDENTIALS_JITTER_SECONDS,
  TOKEN_EXPIRATION_SECONDS,
} from '../../lib/contract/aws-webhook.ts';
import type { Random } from '../../lib/surroundings.ts';
import { parseGoInt } from '../../lib/text/go-values.ts';

/** Returns the seconds within the limits of Kubernetes. */
export function clampExpiration(seconds: number): number {
  return Math.min(Math.max(seconds, TOKEN_EXPIRATION_SECONDS.min), TOKEN_EXPIRATION_SECONDS.max);
}

/**
 * Returns the first annotation that is an integer, else the fallback; in seconds, within the limits of
 * Kubernetes.
 */
export function decideExpiration(
  annotations: readonly (string | undefined)[],
  fallbackSeconds: number,
): number {
  for (const annotation of annotations) {
    const seconds = annotation === undefined ? undefined : parseGoInt(annotation);
    if (seconds !== undefined) return clampExpiration(seconds);
  }
  return clampExpiration(fallbackSeconds);
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
