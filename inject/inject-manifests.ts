import type { RefusedRole } from '../identity/pod-role/judge-roles.ts';
import { quote } from '../identity/warning.ts';
import { collectFaults, type Fault, throwIfAny } from '../lib/errors.ts';
import { editManifest } from './edit-manifest.ts';
import { type InjectionFacts, type InjectionRules, injectPod, type UnknownObject } from './inject-pod.ts';
import { type ManifestDocument, type ReadingOptions, readManifest } from './manifest.ts';
import { type FoundPod, findPods } from './pod-templates/find-pods.ts';
import { type PassedOver, passedOver } from './pod-templates/passed-over.ts';
import type { ToldPath } from './pod-templates/template-path.ts';
import { type UnusedPath, unusedPaths } from './pod-templates/unused-paths.ts';
import { withValuesAt } from './pod-templates/with-values-at.ts';

import { type ManifestGroup, namespacesOf } from './sources/namespaces.ts';
import type { ClusterObjects } from './sources/open-cluster.ts';
import { serviceAccountsOf } from './sources/service-accounts.ts';

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
  /** One fault per pod whose ServiceAccount or Namespace was not found. */
  readonly unknown: readonly Fault[];
  /** Kinds that seem to hold pods, and were left as they are. */
  readonly passedOver: readonly PassedOver[];
  /** Paths of the user that lead to no pod template. */
  readonly unusedPaths: readonly UnusedPath[];
}

export interface InjectionInput extends Omit<InjectionFacts, 'serviceAccounts' | 'rules'> {
  readonly files: readonly SourceFile[];
  /** Files from which only ServiceAccounts are read. */
  readonly serviceAccountFiles: readonly SourceFile[];
  /** Asked last, once for each ServiceAccount and Namespace. */
  readonly cluster?: ClusterObjects;
  /** Undefined if no rules are in use. */
  readonly rules?: Omit<InjectionRules, 'namespaces'> | undefined;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** Further places of pod templates. */
  readonly templatePaths?: readonly ToldPath[];
  /** Parse every document, so that the values of all are known. */
  readonly whole?: boolean;
}

/**
 * Gives the pods of manifests their identity. ServiceAccounts are looked up in the manifests themselves, then
 * in the other files, then in the cluster. So are Namespaces, if their rules matter.
 * @throws PodroleError with every fault of the files, and one for each role that `--policy=enforce` refuses;
 * the faults of the cluster's sources
 */
export async function injectManifests(input: InjectionInput): Promise<Injection> {
  const faults: Fault[] = [];
  const { templatePaths = [], whole = false } = input;
  // Namespaces are parsed only if their rules matter.
  const judged = input.rules ? ['Namespace'] : [];
  const reading: ReadingOptions = {
    whole,
    active: new Set([...templatePaths.map(({ kind }) => kind), ...judged]),
  };
  const manifests = input.files.map((file) =>
    collectFaults(faults, () => readManifest(file.text, file.name, reading)),
  );
  const others = input.serviceAccountFiles.map((file) =>
    collectFaults(faults, () => readManifest(file.text, file.name, { active: new Set(judged) })),
  );
  const groups = [manifests, others];
  const rules = input.rules && collectFaults(faults, () => rulesOf(groups, input));
  const serviceAccounts = serviceAccountsOf(groups, {
    annotationPrefix: input.settings.annotationPrefix,
    namespace: input.namespace,
    cluster: input.cluster?.serviceAccounts,
    faults,
  });
  const injections: InjectedDocument[] = [];
  const facts = { ...input, serviceAccounts, rules };
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
    for (const injection of ofFile) {
      injections.push(injection);
      for (const fault of injection.refusals) faults.push(fault);
    }
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

function rulesOf(groups: readonly ManifestGroup[], { rules, cluster }: InjectionInput) {
  return rules && { ...rules, namespaces: namespacesOf(groups, cluster?.namespaces) };
}

interface InjectedDocument extends Pick<Injection, 'warnings' | 'unknown'> {
  /** Parsed data with the changed pods. */
  readonly value: unknown;
  /** Roles that are refused, for which the pod would be refused too. */
  readonly refusals: readonly Fault[];
}

async function injectDocument(
  { value, origin }: ManifestDocument,
  foundPods: readonly FoundPod[],
  facts: InjectionFacts,
): Promise<InjectedDocument> {
  const warnings: string[] = [];
  const unknown: Fault[] = [];
  const refusals: Fault[] = [];
  const changed: { path: FoundPod['path']; value: unknown }[] = [];
  for (const found of foundPods) {
    const { pod, warnings: ofPod, unknown: missing, denied } = await injectPod(found, facts);
    for (const warning of ofPod) {
      warnings.push(`${origin}: ${warning.startsWith(found.object) ? '' : `${found.object}: `}${warning}`);
    }
    const object = `${origin}: ${found.object}`;
    if (missing) unknown.push(notFound(object, missing));
    for (const refused of denied ?? []) refusals.push(refusalFault(object, refused));
    if (pod !== found.pod) changed.push({ path: found.path, value: pod });
  }
  return { value: withValuesAt(value, changed), warnings, unknown, refusals };
}

function notFound(object: string, { kind, name }: UnknownObject): Fault {
  const remedy =
    'add its manifest to the files or to --service-accounts, use --cluster, or leave out --strict';
  const code = kind === 'ServiceAccount' ? 'SERVICE_ACCOUNT_NOT_FOUND' : 'NAMESPACE_NOT_FOUND';
  return { code, object, problem: `${kind} ${name} was not found`, remedy };
}

function refusalFault(object: string, refused: RefusedRole): Fault {
  const problem = `must not have the role ${quote(refused.use.given)}: ${refused.object} ${refused.problem}`;
  return { code: 'ROLE_REFUSED', object, problem, remedy: refused.remedy };
}
