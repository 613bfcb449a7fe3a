import { asObject } from '../../lib/json/json.ts';
import type { MemoryIam } from '../aws/memory-iam.ts';
import type { FakeCluster } from '../kubernetes/fake-cluster.ts';

const ACCOUNT = '/api/v1/namespaces/shop/serviceaccounts/web';

/**
 * Returns everything that a run could take away, as one string for each: of providers, roles and the
 * ServiceAccount shop/web.
 */
export function bindState({ iam, cluster }: { iam: MemoryIam; cluster: FakeCluster }): ReadonlySet<string> {
  const providers = [...iam.providers].flatMap(([arn, { clientIds, thumbprints, tags }]) =>
    [...clientIds, ...thumbprints, ...[...tags].map(String)].map((item) => `${arn} ${item}`),
  );
  const roles = [...iam.roles].flatMap(([name, role]) =>
    [
      `path ${role.path}`,
      `description ${role.description}`,
      `duration ${role.maxSessionDuration}`,
      `boundary ${role.boundary}`,
      ...[...role.attached].map((arn) => `attached ${arn}`),
      ...[...role.inline].map((policy) => `inline ${policy}`),
      ...[...role.tags].map((tag) => `tag ${tag}`),
      ...JSON.parse(role.trustPolicy).Statement.map((item: unknown) => `trusts ${JSON.stringify(item)}`),
    ].map((item) => `${name} ${item}`),
  );
  const { annotations, labels } = asObject(cluster.objects.get(ACCOUNT)?.['metadata']) ?? {};
  const metadata = [...Object.entries({ ...asObject(annotations), ...asObject(labels) })].map(String);
  return new Set([...providers, ...roles, ...metadata]);
}

/** Returns what is in the state before and not in the one after. */
export function takenAway(before: ReadonlySet<string>, now: ReadonlySet<string>): readonly string[] {
  return [...before].filter((item) => !now.has(item));
}
