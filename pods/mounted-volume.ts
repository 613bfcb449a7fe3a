import type { NamedObject } from './pod-parts.ts';

/** Volume, and its mount in a container. */
export interface MountedVolume {
  readonly volume: NamedObject;
  readonly mount: NamedObject & { readonly mountPath: string };
}

/** Volumes that some parts of the variables need besides that of the token. */
export const FURTHER_VOLUMES = ['agentToken', 'caBundle'] as const;

export type FurtherVolume = (typeof FURTHER_VOLUMES)[number];
