import { type AuditAccess, eachObject } from '../../doctor/audit/collect/bounded-list.ts';
import { KUBE2IAM_ROLE_ANNOTATION } from '../../lib/contract/kube2iam.ts';
import type { JsonObject } from '../../lib/json/json.ts';
import type { ProxyFacts } from '../facts/migration-facts.ts';
import { agreedFlag } from '../join/agreed-flag.ts';
import type { OldProxy } from '../model.ts';
import type { MigrateSettings } from '../settings.ts';
import { WORKLOAD_KINDS } from './kinds.ts';
import { narrowProxy } from './narrow/narrow-proxy.ts';

/** Returns the annotation of pods that names their role: by the user, else by the flags of the proxy. */
export function roleAnnotationOf(
  { podRoleAnnotation }: Pick<MigrateSettings, 'podRoleAnnotation'>,
  proxies: readonly ProxyFacts[] = [],
): string {
  const told = agreedFlag(proxies, (each) => each.podRoleAnnotation);
  return podRoleAnnotation ?? told ?? KUBE2IAM_ROLE_ANNOTATION;
}

/**
 * Returns the objects that run the proxy; undefined if nobody could look for them everywhere. It runs in a
 * namespace of its own, whichever namespace is asked for.
 */
export async function readProxies(access: AuditAccess, from: OldProxy): Promise<ProxyFacts[] | undefined> {
  const found: ProxyFacts[] = [];
  const answers: Awaited<ReturnType<typeof eachObject>>[] = [];
  for (const kind of ['DaemonSet', 'Deployment'] as const) {
    // Only kiam has a part that may be a Deployment.
    if (kind === 'Deployment' && from === 'kube2iam') continue;
    const listed = WORKLOAD_KINDS.find((each) => each.kind === kind);
    if (!listed) continue;
    const missing = `the flags of ${from}, which roles it gives to pods that name none, and who still needs it`;
    const take = (object: JsonObject) => {
      const proxy = narrowProxy(from, kind, object);
      if (proxy) found.push(proxy);
    };
    answers.push(await eachObject({ ...access, namespace: undefined }, { ...listed, missing }, take));
  }
  return answers.every((answer) => answer === 'all') || found.length > 0 ? found : undefined;
}
