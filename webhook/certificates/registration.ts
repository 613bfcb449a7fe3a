import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import { type CaBundle, composeBundle, parseBundle } from './ca-bundle.ts';

/** The Service that the API server reaches this webhook by. */
export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
}

/** What a MutatingWebhookConfiguration says about this webhook. */
export interface Registration {
  readonly resourceVersion: string | undefined;
  /** Its entries that lead to this webhook; those of others are nobody's business here. */
  readonly entries: readonly RegisteredEntry[];
}

export interface RegisteredEntry {
  readonly name: string;
  readonly bundle: CaBundle;
}

/** Certificates to be trusted, PEM, by the name of the entry. */
export type BundlesByEntry = ReadonlyMap<string, readonly string[]>;

/** The names that the API server may dial; it verifies the first. [k8s] "Dynamic Admission Control", service reference */
export function serviceHosts({ namespace, name }: WebhookService): readonly string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

/** An entry is ours where its Service is, or its URL has a name of that Service. */
export function parseRegistration(object: unknown, service: WebhookService): Registration {
  const configuration = asObject(object);
  const entries = (asArray(configuration?.['webhooks']) ?? []).flatMap((value): RegisteredEntry[] => {
    const webhook = asObject(value);
    const client = asObject(webhook?.['clientConfig']);
    const name = asText(webhook?.['name']);
    if (!client || name === undefined || !leadsTo(service, client)) return [];
    return [{ name, bundle: parseBundle(client['caBundle']) }];
  });
  return { resourceVersion: asText(metadataOf(configuration)?.['resourceVersion']), entries };
}

function leadsTo(service: WebhookService, client: JsonObject): boolean {
  const named = asObject(client['service']);
  if (named) return named['namespace'] === service.namespace && named['name'] === service.name;
  const url = asText(client['url']) ?? '';
  return URL.canParse(url) && serviceHosts(service).includes(new URL(url).hostname);
}

/** Names of the entries that do not trust a CA. */
export function entriesWithout({ entries }: Registration, caId: string): readonly string[] {
  return entries.filter(({ bundle }) => !bundle.authorities.has(caId)).map(({ name }) => name);
}

/** Whether every entry trusts a CA. Where there is no entry nobody asks, so that nobody distrusts it. */
export function trusts(registration: Registration, caId: string): boolean {
  return entriesWithout(registration, caId).length === 0;
}

/** A strategic merge patch: entries are merged by name, so that everything else of them stays; a conflict where it has changed since. */
export function bundlePatch({ resourceVersion }: Registration, bundles: BundlesByEntry): JsonObject {
  return {
    metadata: { resourceVersion },
    webhooks: [...bundles].map(([name, pems]) => ({ name, clientConfig: { caBundle: composeBundle(pems) } })),
  };
}
