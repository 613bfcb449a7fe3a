import { PODROLE_ANNOTATION, SIDECAR_MODES } from '../lib/contract/podrole.ts';
import type { SidecarMode, SidecarRequest } from './pod-identity.ts';
import type { InjectedSidecarSettings } from './settings/sidecar-settings.ts';
import { quote, warningLine } from './warning.ts';

export interface SidecarRequestInput {
  /**
   * Values of the annotation, the pod's before the ServiceAccount's, each with the object that warnings name.
   */
  readonly given: readonly (readonly [object: string, value: string | undefined])[];
  /** True if the pod gets a role by web identity: a sidecar hands out its credentials. */
  readonly hasRole: boolean;
  /** True if containers get roles of their own by web identity: only the agent hands out theirs. */
  readonly hasContainerRoles: boolean;
  readonly settings: InjectedSidecarSettings;
}

export interface DecidedSidecar {
  readonly request?: SidecarRequest;
  readonly warnings: readonly string[];
}

/** Values that turn off what the ServiceAccount or the setting asks for. */
const OFF = ['', 'false', 'none'];

/**
 * Decides what `podrole.dev/sidecar` asks for, or `--sidecar-default` without it. The first value that is set
 * decides, even if it is malformed: a typing error must not start another kind of sidecar.
 */
export function decideSidecar(input: SidecarRequestInput): DecidedSidecar {
  const { given, settings, hasRole, hasContainerRoles } = input;
  const [object, value] = given.find(([, text]) => text !== undefined) ?? [];
  if (object === undefined || value === undefined) return byDefault(input);
  if (OFF.includes(value)) return { warnings: [] };
  const annotation = `annotation ${PODROLE_ANNOTATION.sidecar} is ${quote(value)}`;
  const mode = SIDECAR_MODES.find((known) => known === value);
  const warnings: string[] = [];
  if (!mode) {
    const remedy = 'write credentials, metadata, agent or none';
    warnings.push(warningLine({ object, problem: `${annotation} and injects nothing`, remedy }));
  }
  const isUsable = mode ? hasCredentialsFor(mode, input) : hasRole || hasContainerRoles;
  if (isUsable) return { request: { mode, settings, origin: PODROLE_ANNOTATION.sidecar }, warnings };
  if (mode) {
    const problem = `${annotation} and injects nothing, since the pod has no web identity role`;
    warnings.push(warningLine({ object, problem, remedy: 'add a role-arn annotation' }));
  }
  return { warnings };
}

/** A pod that asked for nothing gets no warning if it cannot have it. */
function byDefault(input: SidecarRequestInput): DecidedSidecar {
  const { settings } = input;
  const { sidecarDefault: mode } = settings;
  if (mode === 'none' || !hasCredentialsFor(mode, input)) return { warnings: [] };
  return { request: { mode, settings, origin: '--sidecar-default' }, warnings: [] };
}

function hasCredentialsFor(
  mode: SidecarMode,
  { hasRole, hasContainerRoles }: Pick<SidecarRequestInput, 'hasRole' | 'hasContainerRoles'>,
): boolean {
  return hasRole || (mode === 'agent' && hasContainerRoles);
}
