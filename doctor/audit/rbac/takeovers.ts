import type { RbacBinding, RbacFacts, RbacRole, RbacSubject } from '../facts/rbac-facts.ts';
import { type HeldPower, powersOf } from './powers.ts';

/** A binding that lets its subjects take roles of ServiceAccounts. */
export interface Takeover {
  readonly binding: RbacBinding;
  /** In the order of POWERS; at least one. */
  readonly powers: readonly HeldPower[];
  /** Without those of the control plane. */
  readonly subjects: readonly RbacSubject[];
}

/** Groups of `system:` that stand for people and pods, and not for the control plane. */
const OPEN_GROUP = /^system:(?:authenticated|unauthenticated|serviceaccounts(?::.+)?)$/;
/** User of whoever does not log in. */
const ANONYMOUS = 'system:anonymous';
/** A ServiceAccount is a user too. [k8s] "Referring to subjects" */
const SERVICE_ACCOUNT_USER = /^system:serviceaccount:([^:]+):([^:]+)$/;
/** Names that the control plane, and that of EKS, give to their own bindings. */
const CONTROL_PLANE = /^(?:system|eks):/;

/** Returns the bindings that give powers over ServiceAccounts to others than the control plane. */
export function findTakeovers({ roles, bindings }: RbacFacts): readonly Takeover[] {
  const known = new Map(roles.map((role) => [roleKey(role.namespace, role.name), role]));
  const powersIn = { cluster: new PowersOfRoles(known, true), namespace: new PowersOfRoles(known, false) };
  return bindings.flatMap((binding): readonly Takeover[] => {
    const { namespace } = binding;
    const { kind, name } = binding.role;
    const powers = powersIn[namespace === undefined ? 'cluster' : 'namespace'];
    const held = powers.of(kind === 'Role' ? namespace : undefined, name);
    const subjects = binding.subjects.filter((subject) => !isControlPlane(subject, binding)).map(asAccount);
    return held.length > 0 && subjects.length > 0 ? [{ binding, powers: held, subjects }] : [];
  });
}

/** Powers of each role, found once. */
class PowersOfRoles {
  readonly #roles: ReadonlyMap<string, RbacRole>;
  readonly #isClusterWide: boolean;
  readonly #held = new Map<string, readonly HeldPower[]>();
  readonly #found = new Map<string, readonly HeldPower[]>();

  constructor(roles: ReadonlyMap<string, RbacRole>, isClusterWide: boolean) {
    this.#roles = roles;
    this.#isClusterWide = isClusterWide;
  }

  of(namespace: string | undefined, name: string): readonly HeldPower[] {
    const key = roleKey(namespace, name);
    const found = this.#found.get(key) ?? this.#find(key, namespace);
    this.#found.set(key, found);
    return found;
  }

  /** Whoever may bind only some roles gets every right that they have, which may be none that matters. */
  #find(key: string, namespace: string | undefined): readonly HeldPower[] {
    return this.#ofRules(key).flatMap((held) => {
      if (held.power !== 'grant rights' || held.names === undefined) return [held];
      const gains = held.names.some((name) =>
        [namespace, undefined].some((of) => this.#ofRules(roleKey(of, name)).length > 0),
      );
      return gains ? [{ ...held, names: undefined }] : [];
    });
  }

  #ofRules(key: string): readonly HeldPower[] {
    const held = this.#held.get(key) ?? powersOf(this.#roles.get(key)?.rules ?? [], this.#isClusterWide);
    this.#held.set(key, held);
    return held;
  }
}

function isControlPlane({ kind, name, namespace }: RbacSubject, binding: RbacBinding): boolean {
  if (kind === 'ServiceAccount') return namespace === 'kube-system' && CONTROL_PLANE.test(binding.name);
  if (kind === 'User' && (name === ANONYMOUS || SERVICE_ACCOUNT_USER.test(name))) return false;
  return CONTROL_PLANE.test(name) && !(kind === 'Group' && OPEN_GROUP.test(name));
}

function asAccount(subject: RbacSubject): RbacSubject {
  const [, namespace, name] = (subject.kind === 'User' && SERVICE_ACCOUNT_USER.exec(subject.name)) || [];
  return name === undefined ? subject : { kind: 'ServiceAccount', namespace, name };
}

/** True for a subject that everybody is, or every pod. */
export function isEverybody({ kind, name }: RbacSubject): boolean {
  return kind === 'User' ? name === ANONYMOUS : kind === 'Group' && OPEN_GROUP.test(name);
}

function roleKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
