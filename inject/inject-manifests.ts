import type { ServiceAccountFacts, ServiceAccountSource } from '../identity/service-accounts.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { readServiceAccounts } from '../identity/sources/parse-service-accounts.ts';
import { collectFaults, type Fault, throwIfAny } from '../lib/errors.ts';
import { asObject } from '../lib/json/json.ts';
import { editManifest } from './edit-manifest.ts';
import { type InjectionFacts, injectPod } from './inject-pod.ts';
import { type Manifest, type ManifestDocument, readManifest } from './manifest.ts';
import { type FoundPod, findPods, withValuesAt } from './pod-templates.ts';

/** A manifest file as it was read. */
export interface SourceFile {
  /** Its path as given, or `stdin`. */
  readonly name: string;
  readonly text: string;
}

export interface InjectedFile extends SourceFile {
  /** The text with every pod's identity in it. */
  readonly injected: string;
  /** Its documents afterwards, as plain data; null for an empty one. */
  readonly values: readonly unknown[];
}

export interface Injection {
  readonly files: readonly InjectedFile[];
  /** One line per warning. */
  readonly warnings: readonly string[];
  /** One line per pod whose ServiceAccount was not found. */
  readonly unknown: readonly string[];
}

export interface InjectionInput extends Omit<InjectionFacts, 'serviceAccounts'> {
  readonly files: readonly SourceFile[];
  /** Files from which only ServiceAccounts are read. */
  readonly serviceAccountFiles: readonly SourceFile[];
  /** Asked last, once for each ServiceAccount. */
  readonly cluster?: ServiceAccountSource;
  /** Namespace of objects that name none. */
  readonly namespace: string;
}

/**
 * Gives the pods of manifests their identity. ServiceAccounts are looked up in the manifests themselves, then
 * in the other files, then in the cluster.
 * @throws PodroleError with every fault of the files; the faults of the cluster's source
 */
export async function injectManifests(input: InjectionInput): Promise<Injection> {
  const faults: Fault[] = [];
  const manifests = input.files.map((file) =>
    collectFaults(faults, () => readManifest(file.text, file.name)),
  );
  const others = input.serviceAccountFiles.map((file) =>
    collectFaults(faults, () => readManifest(file.text, file.name)),
  );
  const sources = [manifests, others].map((group) => memorySource(serviceAccountsOf(group, input, faults)));
  throwIfAny(faults);

  const serviceAccounts = firstOf([...sources, ...(input.cluster ? [remembering(input.cluster)] : [])]);
  const warnings = new Set<string>();
  const unknown: string[] = [];
  const facts = { ...input, serviceAccounts };
  const files: InjectedFile[] = [];
  for (const [at, file] of input.files.entries()) {
    const manifest = manifests[at];
    if (!manifest) continue;
    const values: unknown[] = [];
    for (const document of manifest.documents) {
      values.push(await injectDocument(document, facts, input.namespace, warnings, unknown));
    }
    const injected = collectFaults(faults, () => editManifest(manifest, values));
    if (injected !== undefined) files.push({ ...file, injected, values });
  }
  throwIfAny(faults);
  return { files, warnings: [...warnings], unknown };
}

async function injectDocument(
  { value, origin }: ManifestDocument,
  facts: InjectionFacts,
  namespace: string,
  warnings: Set<string>,
  unknown: string[],
): Promise<unknown> {
  const changed: { path: FoundPod['path']; value: unknown }[] = [];
  for (const found of findPods(value, namespace)) {
    const { pod, warnings: ofPod, unknownServiceAccount } = await injectPod(found, facts);
    for (const warning of ofPod) {
      warnings.add(`${origin}: ${warning.startsWith(found.object) ? '' : `${found.object}: `}${warning}`);
    }
    if (unknownServiceAccount) {
      unknown.push(
        `${origin}: ${found.object}: ServiceAccount ${unknownServiceAccount} was not found; left unchanged`,
      );
    }
    if (pod !== found.pod) changed.push({ path: found.path, value: pod });
  }
  return withValuesAt(value, changed);
}

function serviceAccountsOf(
  manifests: readonly (Manifest | undefined)[],
  { settings, namespace }: InjectionInput,
  faults: Fault[],
): ServiceAccountFacts[] {
  const all: ServiceAccountFacts[] = [];
  for (const { value, origin } of manifests.flatMap((manifest) => manifest?.documents ?? [])) {
    const root = asObject(value);
    if (!root) continue;
    const read = readServiceAccounts(root, origin, settings.annotationPrefix, namespace);
    for (const facts of read.found) all.push(facts);
    for (const fault of read.faults) faults.push(fault);
  }
  return all;
}

function firstOf(sources: readonly ServiceAccountSource[]): ServiceAccountSource {
  return {
    find: async (namespace, name) => {
      for (const source of sources) {
        const found = await source.find(namespace, name);
        if (found) return found;
      }
      return undefined;
    },
  };
}

/** Asks once for each ServiceAccount, even if many pods run as it. */
function remembering(source: ServiceAccountSource): ServiceAccountSource {
  const asked = new Map<string, Promise<ServiceAccountFacts | undefined>>();
  return {
    find: (namespace, name) => {
      const key = `${namespace} ${name}`;
      const answer = asked.get(key) ?? source.find(namespace, name);
      asked.set(key, answer);
      return answer;
    },
  };
}
