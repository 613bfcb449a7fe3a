import type { ServiceAccountFacts, ServiceAccountSource } from '../identity/service-accounts.ts';
import { contradictions, type FoundServiceAccount } from '../identity/sources/contradictions.ts';
import { memorySource } from '../identity/sources/memory-source.ts';
import { readServiceAccounts } from '../identity/sources/parse-service-accounts.ts';
import { collectFaults, type Fault, throwIfAny } from '../lib/errors.ts';
import { asObject } from '../lib/json/json.ts';
import { editManifest } from './edit-manifest.ts';
import { type InjectionFacts, injectPod } from './inject-pod.ts';
import { type Manifest, type ManifestDocument, type ReadingOptions, readManifest } from './manifest.ts';
import { type FoundPod, findPods } from './pod-templates/find-pods.ts';
import { type PassedOver, passedOver } from './pod-templates/passed-over.ts';
import type { ToldPath } from './pod-templates/template-path.ts';
import { type UnusedPath, unusedPaths } from './pod-templates/unused-paths.ts';
import { withValuesAt } from './pod-templates/with-values-at.ts';

/** A manifest file as it was read. */
export interface SourceFile {
  /** Its path as given, or `stdin`. */
  readonly name: string;
  readonly text: string;
}

export interface InjectedFile extends SourceFile {
  /** The text with every pod's identity in it. */
  readonly injected: string;
  /** Its documents afterwards, as plain data; null for one that is empty or was passed over. */
  readonly values: readonly unknown[];
}

export interface Injection {
  readonly files: readonly InjectedFile[];
  /** One line per warning. */
  readonly warnings: readonly string[];
  /** One fault per pod whose ServiceAccount was not found. */
  readonly unknown: readonly Fault[];
  /** Kinds that seem to hold pods, and were left as they are. */
  readonly passedOver: readonly PassedOver[];
  /** Paths of the user that lead to no pod template. */
  readonly unusedPaths: readonly UnusedPath[];
}

export interface InjectionInput extends Omit<InjectionFacts, 'serviceAccounts'> {
  readonly files: readonly SourceFile[];
  /** Files from which only ServiceAccounts are read. */
  readonly serviceAccountFiles: readonly SourceFile[];
  /** Asked last, once for each ServiceAccount. */
  readonly cluster?: ServiceAccountSource;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** Further places of pod templates. */
  readonly templatePaths?: readonly ToldPath[];
  /** Parse every document, so that the values of all are known. */
  readonly whole?: boolean;
}

/**
 * Gives the pods of manifests their identity. ServiceAccounts are looked up in the manifests themselves, then
 * in the other files, then in the cluster.
 * @throws PodroleError with every fault of the files; the faults of the cluster's source
 */
export async function injectManifests(input: InjectionInput): Promise<Injection> {
  const faults: Fault[] = [];
  const { templatePaths = [], whole = false } = input;
  const reading: ReadingOptions = { whole, active: new Set(templatePaths.map(({ kind }) => kind)) };
  const manifests = input.files.map((file) =>
    collectFaults(faults, () => readManifest(file.text, file.name, reading)),
  );
  const others = input.serviceAccountFiles.map((file) =>
    collectFaults(faults, () => readManifest(file.text, file.name)),
  );
  const read = [manifests, others].map((group) => serviceAccountsOf(group, input));
  throwIfAny([...faults, ...read.flatMap((group) => [...group.faults, ...contradictions(group.found)])]);

  const sources = read.map(({ found }) => memorySource(found.map(({ facts }) => facts)));
  const serviceAccounts = firstOf([...sources, ...(input.cluster ? [remembering(input.cluster)] : [])]);
  const injections: InjectedDocument[] = [];
  const facts = { ...input, serviceAccounts };
  const files: InjectedFile[] = [];
  for (const [at, file] of input.files.entries()) {
    const manifest = manifests[at];
    if (!manifest) continue;
    const ofFile: InjectedDocument[] = [];
    for (const document of manifest.documents) {
      const { value, origin } = document;
      const search = { namespace: input.namespace, told: templatePaths, origin };
      const found = collectFaults(faults, () => findPods(value, search)) ?? [];
      ofFile.push(await injectDocument(document, found, facts));
    }
    for (const injection of ofFile) injections.push(injection);
    const values = ofFile.map(({ value }) => value);
    const injected = collectFaults(faults, () => editManifest(manifest, values, reading));
    if (injected !== undefined) files.push({ ...file, injected, values });
  }
  throwIfAny(faults);
  const documents = manifests.flatMap((manifest) => manifest?.documents.map(({ value }) => value) ?? []);
  return {
    files,
    // Pods of one document often give the same warning.
    warnings: [...new Set(injections.flatMap(({ warnings }) => warnings))],
    unknown: injections.flatMap(({ unknown }) => unknown),
    passedOver: passedOver(documents, templatePaths),
    unusedPaths: unusedPaths(documents, templatePaths),
  };
}

interface InjectedDocument extends Pick<Injection, 'warnings' | 'unknown'> {
  /** Parsed data with the changed pods. */
  readonly value: unknown;
}

async function injectDocument(
  { value, origin }: ManifestDocument,
  foundPods: readonly FoundPod[],
  facts: InjectionFacts,
): Promise<InjectedDocument> {
  const warnings: string[] = [];
  const unknown: Fault[] = [];
  const changed: { path: FoundPod['path']; value: unknown }[] = [];
  for (const found of foundPods) {
    const { pod, warnings: ofPod, unknownServiceAccount } = await injectPod(found, facts);
    for (const warning of ofPod) {
      warnings.push(`${origin}: ${warning.startsWith(found.object) ? '' : `${found.object}: `}${warning}`);
    }
    if (unknownServiceAccount) {
      unknown.push({
        code: 'SERVICE_ACCOUNT_NOT_FOUND',
        object: `${origin}: ${found.object}`,
        problem: `ServiceAccount ${unknownServiceAccount} was not found`,
        remedy:
          'add its manifest to the files or to --service-accounts, use --cluster, or leave out --strict',
      });
    }
    if (pod !== found.pod) changed.push({ path: found.path, value: pod });
  }
  return { value: withValuesAt(value, changed), warnings, unknown };
}

function serviceAccountsOf(
  manifests: readonly (Manifest | undefined)[],
  { settings, namespace }: InjectionInput,
): { readonly found: readonly FoundServiceAccount[]; readonly faults: readonly Fault[] } {
  const found: FoundServiceAccount[] = [];
  const faults: Fault[] = [];
  for (const { value, origin } of manifests.flatMap((manifest) => manifest?.documents ?? [])) {
    const root = asObject(value);
    if (!root) continue;
    const read = readServiceAccounts(root, origin, settings.annotationPrefix, namespace);
    for (const each of read.found) found.push(each);
    for (const fault of read.faults) faults.push(fault);
  }
  return { found, faults };
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
