import type { MigratedRole, MigratedWorkload, MigrationModel } from '../../migrate/model.ts';

export const MIGRATION_ACCOUNT = '111122223333';
export const MIGRATION_ISSUER = 'https://oidc.example.com/one';
export const PROXY_ROLE = `arn:aws:iam::${MIGRATION_ACCOUNT}:role/kube2iam-nodes`;

export function migratedRoleArn(name: string): string {
  return `arn:aws:iam::${MIGRATION_ACCOUNT}:role/${name}`;
}

/** Returns a Deployment with one pod, whose role kube2iam serves. */
export function migratedWorkload(
  namespace: string,
  name: string,
  changes: Partial<MigratedWorkload> = {},
): MigratedWorkload {
  const given = changes.given ?? `${namespace}-${name}`;
  return {
    namespace,
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name,
    pods: [`${name}-6d4cf56db6-abcde`],
    serviceAccount: name,
    newServiceAccount: undefined,
    given,
    annotatedIn: 'template',
    roleArn: migratedRoleArn(given),
    sessionName: undefined,
    externalId: undefined,
    refused: undefined,
    servedBy: 'old proxy',
    needs: 'unknown',
    sdks: [],
    ...changes,
  };
}

/** Returns a role that trusts the proxy's role, and none of the ServiceAccounts yet. */
export function migratedRole(
  name: string,
  serviceAccounts: readonly string[],
  changes: Partial<MigratedRole> = {},
): MigratedRole {
  return {
    arn: migratedRoleArn(name),
    exists: true,
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: PROXY_ROLE }, Action: 'sts:AssumeRole' }],
    },
    trustsProxy: true,
    currentServiceAccounts: serviceAccounts,
    serviceAccounts,
    untrusted: serviceAccounts,
    ...changes,
  };
}

/**
 * Returns a small cluster with kube2iam: `shop/web` with a role of its own, `shop/cart` and `shop/mail`,
 * which share the ServiceAccount `default` with different roles, and `batch/report`, a CronJob without pods.
 */
export function migrationModel(changes: Partial<MigrationModel> = {}): MigrationModel {
  return {
    from: 'kube2iam',
    collectedAt: '2026-11-30T00:00:00.000Z',
    issuer: MIGRATION_ISSUER,
    audience: 'sts.amazonaws.com',
    proxyRoleArn: PROXY_ROLE,
    proxies: [{ kind: 'DaemonSet', namespace: 'kube-system', name: 'kube2iam', part: 'agent' }],
    webhookFlags: {
      podRoleAnnotation: 'iam.amazonaws.com/role',
      baseRoleArn: `arn:aws:iam::${MIGRATION_ACCOUNT}:role/`,
      namespaceRestrictionFormat: 'glob',
    },
    workloads: [
      migratedWorkload('batch', 'report', {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        pods: [],
        servedBy: 'no pods',
      }),
      migratedWorkload('shop', 'cart', { serviceAccount: 'default' }),
      migratedWorkload('shop', 'mail', {
        kind: 'StatefulSet',
        pods: ['mail-0'],
        serviceAccount: 'default',
        newServiceAccount: 'default-shop-mail',
      }),
      migratedWorkload('shop', 'web'),
    ],
    roles: [
      migratedRole('batch-report', ['batch/report']),
      migratedRole('shop-cart', ['shop/default']),
      migratedRole('shop-mail', ['shop/default-shop-mail'], { currentServiceAccounts: ['shop/default'] }),
      migratedRole('shop-web', ['shop/web']),
    ],
    splits: [
      {
        namespace: 'shop',
        serviceAccount: 'default',
        keeps: migratedRoleArn('shop-cart'),
        others: [{ serviceAccount: 'default-shop-mail', roleArn: migratedRoleArn('shop-mail') }],
        imagePullSecrets: [],
        bindings: [],
      },
    ],
    namespaces: [
      {
        name: 'batch',
        allowedRoles: undefined,
        permitted: undefined,
        proposedAllowedRoles: [migratedRoleArn('batch-report')],
      },
      { name: 'shop', allowedRoles: '["shop-*"]', permitted: undefined, proposedAllowedRoles: undefined },
    ],
    findings: [],
    unread: [],
    ...changes,
  };
}
