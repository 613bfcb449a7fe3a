import { PODROLE_ANNOTATION, SIDECAR_MODES } from '../lib/contract/podrole.ts';
import type { SidecarRequest } from './pod-identity.ts';
import type { InjectedSidecarSettings } from './settings/sidecar-settings.ts';
import { quote, warningLine } from './warning.ts';

export interface SidecarRequestInput {
  /**
   * Values of the annotation, the pod's before the ServiceAccount's, each with the object that warnings name.
   */
  readonly given: readonly (readonly [object: string, value: string | undefined])[];
  /** True if the pod gets a role by web identity: a sidecar hands out its credentials. */
  readonly hasRole: boolean;
  readonly settings: InjectedSidecarSettings;
}

/** Values that turn off what the ServiceAccount asks for. */
const OFF = ['', 'false', 'none'];

/**
 * Decides what `podrole.dev/sidecar` asks for. The first value that is set decides, even if it is malformed:
 * a typing error must not start another kind of sidecar.
 */
export function decideSidecar({ given, hasRole, settings }: SidecarRequestInput): {
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
  if (hasRole) return { request: { mode, settings }, warnings };
  if (mode) {
    const problem = `${annotation} and injects nothing, since the pod has no web identity role`;
    warnings.push(warningLine({ object, problem, remedy: 'add a role-arn annotation' }));
  }
  return { warnings };
}
