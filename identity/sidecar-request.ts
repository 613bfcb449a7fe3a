import { PODROLE_ANNOTATION, SIDECAR_MODES } from '../lib/contract/podrole.ts';
import type { PodIdentity } from './pod-identity.ts';
import type { InjectedSidecarSettings } from './sidecar-settings.ts';
import { quote, warningLine } from './warning.ts';

export type SidecarMode = (typeof SIDECAR_MODES)[number];

/** The sidecar that annotations ask for. Whether the pod can have it is for its spec to say. */
export interface SidecarRequest {
  /** Undefined: the annotation is misspelt. Then a pod keeps the sidecar that is recorded in it, and gets none otherwise. */
  readonly mode: SidecarMode | undefined;
  readonly settings: InjectedSidecarSettings;
}

export interface SidecarRequestInput {
  /** The annotation where it is given, the pod's before the ServiceAccount's, with the object that has it as warnings name it. */
  readonly given: readonly (readonly [object: string, value: string | undefined])[];
  /** Of the pod, without a sidecar. */
  readonly identity: PodIdentity | undefined;
  readonly settings: InjectedSidecarSettings;
}

/** Values that turn off what the ServiceAccount asks for. */
const OFF = ['', 'false', 'none'];

/** What `podrole.dev/sidecar` asks for. The first that is given decides, even where it is malformed: a typing error must not open another door. */
export function decideSidecar({ given, identity, settings }: SidecarRequestInput): {
  readonly request?: SidecarRequest;
  readonly warnings: readonly string[];
} {
  const [object, value] = given.find(([, text]) => text !== undefined) ?? [];
  if (object === undefined || value === undefined || OFF.includes(value)) return { warnings: [] };
  const annotation = `annotation ${PODROLE_ANNOTATION.sidecar} is ${quote(value)}`;
  const mode = SIDECAR_MODES.find((known) => known === value);
  const warnings: string[] = [];
  if (!mode) {
    const remedy = 'write credentials, metadata or none';
    warnings.push(warningLine({ object, problem: `${annotation} and injects nothing`, remedy }));
  }
  if (identity?.kind === 'web-identity' && identity.role) return { request: { mode, settings }, warnings };
  if (mode) {
    const problem = `${annotation} and injects nothing, since the pod has no web identity role`;
    warnings.push(warningLine({ object, problem, remedy: 'write a role-arn annotation' }));
  }
  return { warnings };
}
