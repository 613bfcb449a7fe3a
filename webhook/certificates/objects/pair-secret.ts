import { messageOf, PodroleError } from '../../../lib/errors.ts';
import { asObject, asText, type JsonObject } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { type IssuedPair, type PairMaterial, parsePair } from './issued-pair.ts';

/** Pair that replicas serve, and during a renewal the next one. */
export interface HeldPairs {
  readonly current: IssuedPair | undefined;
  readonly next: IssuedPair | undefined;
}

/** Contents of the Secret. */
export interface PairSecret extends HeldPairs {
  /** The object as it was read; undefined if it does not exist. */
  readonly object: JsonObject | undefined;
  /** Reasons why the stored data is not a usable certificate pair. */
  readonly faults: readonly string[];
}

type Role = 'current' | 'next';

const KEYS: Readonly<Record<Role, Readonly<Record<keyof PairMaterial, string>>>> = {
  current: { cert: 'tls.crt', key: 'tls.key', ca: 'ca.crt' },
  next: { cert: 'next-tls.crt', key: 'next-tls.key', ca: 'next-ca.crt' },
};
const ROLES: readonly Role[] = ['current', 'next'];

/** Metadata of a Secret that the webhook creates itself, if it has permission. */
const NEW_METADATA = {
  labels: {
    'app.kubernetes.io/name': 'podrole',
    'app.kubernetes.io/component': 'webhook',
    'app.kubernetes.io/managed-by': 'podrole',
  },
  annotations: {
    'podrole.dev/description': 'Made and renewed by podrole webhook; empty it to have it renewed now',
  },
} as const;
/** Annotation that cert-manager puts on its Secrets. It would undo every change. */
const CERT_MANAGER = 'cert-manager.io/certificate-name';

/**
 * Parses the Secret.
 * @param name for messages: `Secret podrole/podrole-webhook-tls`
 * @param hosts see parsePair
 * @throws PodroleError `FOREIGN_SECRET` if cert-manager maintains it
 */
export function parsePairSecret(
  object: JsonObject | undefined,
  name: string,
  hosts: readonly string[],
): PairSecret {
  refuseForeign(object, name);
  const data = asObject(object?.['data']) ?? {};
  const faults: string[] = [];
  const read = (role: Role): IssuedPair | undefined => {
    const keys = KEYS[role];
    const text = (file: keyof PairMaterial) => asText(data[keys[file]]);
    if (!text('cert') && !text('key') && !text('ca')) return undefined;
    const decoded = (file: keyof PairMaterial) => Buffer.from(text(file) ?? '', 'base64').toString('utf8');
    try {
      return parsePair(
        { cert: decoded('cert'), key: decoded('key'), ca: decoded('ca') },
        (file) => `${keys[file]} of ${name}`,
        hosts,
      );
    } catch (thrown) {
      faults.push(messageOf(thrown));
      return undefined;
    }
  };
  return { object, current: read('current'), next: read('next'), faults };
}

/**
 * Returns the Secret with these pairs. In an existing Secret only `data` changes, as the shipped
 * ValidatingAdmissionPolicy requires. Keys of others stay.
 */
export function pairSecretObject(
  pairs: Readonly<Record<Role, PairMaterial | undefined>>,
  previous: JsonObject | undefined,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): JsonObject {
  const metadata = metadataOf(previous);
  const data: Record<string, unknown> = { ...asObject(previous?.['data']) };
  for (const role of ROLES) {
    for (const [file, key] of Object.entries(KEYS[role])) {
      const text = pairs[role]?.[file as keyof PairMaterial];
      if (text === undefined) delete data[key];
      else data[key] = Buffer.from(text).toString('base64');
    }
  }
  return {
    type: 'kubernetes.io/tls',
    ...previous,
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...(metadata ?? NEW_METADATA), namespace, name },
    data,
  };
}

function refuseForeign(object: JsonObject | undefined, name: string): void {
  const owner = asText(asObject(metadataOf(object)?.['annotations'])?.[CERT_MANAGER]);
  if (owner === undefined) return;
  throw new PodroleError({
    code: 'FOREIGN_SECRET',
    object: name,
    problem: `is maintained by cert-manager, as the Certificate ${owner}`,
    remedy: 'name another Secret with --tls-secret, or mount this one and omit --in-cluster',
  });
}
