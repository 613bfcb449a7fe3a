import { asArray, asObject, asText, type JsonObject } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';
import { type CaBundle, composeBundle, parseBundle } from './ca-bundle.ts';

/** Service by which the API server reaches this webhook. */
export interface WebhookService {
  readonly namespace: string;
  readonly name: string;
}

/** Entries of a MutatingWebhookConfiguration that concern this webhook. */
export interface WebhookConfiguration {
  readonly resourceVersion: string | undefined;
  /** Entries that lead to this webhook; others are ignored. */
  readonly entries: readonly WebhookEntry[];
}

export interface WebhookEntry {
  readonly name: string;
  readonly bundle: CaBundle;
}

/** Certificates to trust, PEM, by the name of the entry. */
export type BundlesByEntry = ReadonlyMap<string, readonly string[]>;

/**
 * Returns the names that the API server may dial; it verifies the first. [k8s] "Dynamic Admission Control",
 * service reference
 */
export function serviceHosts({ namespace, name }: WebhookService): readonly string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}

/**
 * Parses the configuration. An entry leads to this webhook if it has its Service, or a URL with a name of
 * that Service.
 */
export function parseWebhookConfiguration(object: unknown, service: WebhookService): WebhookConfiguration {
  const configuration = asObject(object);
  const entries = (asArray(configuration?.['webhooks']) ?? []).flatMap((value): WebhookEntry[] => {
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

/** Returns the names of the entries that do not trust a CA. */
export function entriesWithout({ entries }: WebhookConfiguration, caId: string): readonly string[] {
  return entries.filter(({ bundle }) => !bundle.authorities.has(caId)).map(({ name }) => name);
}

/** True if every entry trusts a CA. Without any entry no API server asks, so none distrusts it. */
export function trusts(configuration: WebhookConfiguration, caId: string): boolean {
  return entriesWithout(configuration, caId).length === 0;
}

/**
 * Returns a strategic merge patch: entries are merged by name, so everything else in them stays. It conflicts
 * if the configuration has changed since it was read.
 */
export function bundlePatch({ resourceVersion }: WebhookConfiguration, bundles: BundlesByEntry): JsonObject {
  return {
    metadata: { resourceVersion },
    webhooks: [...bundles].map(([name, pems]) => ({ name, clientConfig: { caBundle: composeBundle(pems) } })),
  };
}
