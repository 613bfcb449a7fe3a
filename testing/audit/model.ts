import type { AuditedChain, AuditedGrant, AuditModel } from '../../doctor/audit/model.ts';
import { SEVERITIES } from '../../doctor/audit/severity.ts';
import { chainOf } from './chain.ts';
import { findingsOfGrants } from './findings.ts';
import { repeatableRandom } from './random.ts';

interface ModelOptions {
  readonly serviceAccounts: number;
  /** Names that try to leave their place in a page. */
  readonly isHostile?: boolean;
}

/** Each of these is one name. */
export const HOSTILE_NAMES = [
  '</script><script>document.title="owned"</script>',
  '"><img src=x onerror=document.title="owned">',
  "' onmouseover='document.title=1",
  '\u202egnp.exe\u202c\u2066x',
  '<!--',
  '</title></style></svg><b>',
  '&lt;b&gt;&#x3c;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template must not evaluate
  '${html`x`}',
  'a'.repeat(253),
  '\u05d0\u05d1\u05d2/shop',
  'line\nbreak\u0000\u001b[31m',
  '\ud800',
] as const;

const CONTEXTS = ['prod-eu-1', 'prod-us-1', 'staging'];
const APPS = [
  'web',
  'api',
  'worker',
  'orders',
  'images',
  'search',
  'mail',
  'billing',
  'cron',
  'events',
] as const;
const TEAMS = ['shop', 'payments', 'platform', 'data', 'media', 'growth'] as const;
const ACCOUNT = '111122223333';

/** Makes an audit of a size, the same in every run. About one chain in ten is broken. */
export function auditModel({ serviceAccounts, isHostile = false }: ModelOptions): AuditModel {
  const random = repeatableRandom(serviceAccounts + 1);
  const contexts = CONTEXTS.slice(0, serviceAccounts < 100 ? 1 : serviceAccounts < 1000 ? 2 : 3);
  const clusters = isHostile ? [...HOSTILE_NAMES] : contexts;
  const named = (name: string, index: number) =>
    isHostile ? (HOSTILE_NAMES[index % HOSTILE_NAMES.length] ?? name) : name;
  const accounts = Array.from({ length: serviceAccounts }, (_, index) => {
    const team = TEAMS[random.below(TEAMS.length)] ?? 'shop';
    const group = serviceAccounts < 100 ? '' : `-${random.below(Math.ceil(serviceAccounts / 60)) + 1}`;
    const app = APPS[index % APPS.length] ?? 'web';
    return {
      cluster: clusters[index % clusters.length] ?? '',
      namespace: named(`${team}${group}`, index + 1),
      name: named(index < APPS.length ? app : `${app}-${index}`, index + 2),
      pods: random.below(6),
    };
  });
  const grants = accounts.flatMap(({ cluster, namespace, name, pods }, index): readonly AuditedGrant[] => {
    const verdict = random.pick<AuditedGrant['verdict']>([
      'allowed',
      'allowed',
      'allowed',
      'allowed',
      'allowed',
      'allowed',
      'allowed',
      'restricted',
      'refused',
      'unknown',
    ]);
    const isShared = random.below(12) === 0;
    const role = isShared ? `shared-reader-${random.below(4)}` : `${namespace}-${name}`.slice(0, 64);
    const grant: AuditedGrant = {
      kind: random.pick<AuditedGrant['kind']>([
        'web-identity',
        'web-identity',
        'web-identity',
        'web-identity',
        'container-role',
        'trusted-only',
        'trusted-only',
        'kube2iam',
      ]),
      cluster,
      namespace,
      serviceAccount: name,
      container: undefined,
      roleArn: `arn:aws:iam::${ACCOUNT}:role/${isHostile ? named(role, index) : role}`,
      pods: Array.from({ length: Math.min(pods, 3) }, (_unused, pod) => `${name}-6f7d9c5b4-${pod}`),
      verdict,
      reasons: [REASONS[verdict]],
      policy: 'none',
      policyReason: undefined,
    };
    const own = grant.kind === 'container-role' ? { ...grant, container: named('fluentd', index) } : grant;
    return index % 40 === 7
      ? [own, { ...own, kind: 'node-profile', roleArn: `arn:aws:iam::${ACCOUNT}:role/nodes` }]
      : [own];
  });
  return {
    collectedAt: '2026-11-29T21:56:05.000Z',
    account: { accountId: ACCOUNT, partition: 'aws' },
    clusters: clusters.map((context, index) => ({
      context,
      issuer:
        index === 2 ? undefined : `https://oidc.${index}.example.com/${isHostile ? context : 'cluster'}`,
      totals: {
        namespaces: 12 + index,
        serviceAccounts: serviceAccounts * 2,
        pods: serviceAccounts * 3,
        nodes: 9,
      },
      unread: index === 1 ? ['Secrets: it needs list secrets in all namespaces'] : [],
    })),
    serviceAccounts: accounts,
    roles: [...new Set(grants.map(({ roleArn }) => roleArn))].map((arn, index) => ({
      arn,
      exists: index % 23 !== 3,
      lastUsedAt:
        index % 5 === 1 ? undefined : `2026-11-${String((index % 28) + 1).padStart(2, '0')}T10:00:00Z`,
    })),
    grants,
    findings: [...findingsOfGrants(grants)].sort(
      (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
    ),
    chains: grants
      .filter(({ kind }) => kind === 'web-identity' || kind === 'container-role')
      .map(chainOfGrant),
  };
}

const REASONS: Readonly<Record<AuditedGrant['verdict'], string>> = {
  allowed: 'statement 1 allows it',
  refused: 'statement 1: StringEquals sub is system:serviceaccount:shop:wbe',
  restricted: 'statement 1 depends on aws:SourceIp, which cannot be evaluated',
  unknown: 'the role is of account 444455556666, which was not read',
};

function chainOfGrant({
  cluster,
  namespace,
  serviceAccount,
  container,
  roleArn,
  verdict,
}: AuditedGrant): AuditedChain {
  return {
    cluster,
    namespace,
    serviceAccount,
    container,
    roleArn,
    findings: chainOf({ namespace, serviceAccount, roleArn, verdict }),
  };
}
