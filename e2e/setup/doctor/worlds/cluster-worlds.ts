import { createAuthority } from '../../../../testing/certificates/certificates.ts';
import { expectSuccess } from '../../../cluster/api-objects.ts';
import { AUDIENCE } from '../../aws/trusting-radosgw.ts';
import { ROLE_ARN } from '../../pods/pods.ts';
import { NAMESPACE } from '../deployment.ts';
import type { DoctorSite } from '../doctor-site.ts';
import { annotate, applyWorkload, missWebhook, recreatePods, removeRole } from '../workload.ts';
import type { World } from '../world.ts';

const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podrole';
const DAY_MS = 24 * 3_600 * 1_000;
const SKIP_LABEL = 'eks.amazonaws.com/skip-pod-identity-webhook';

export const clusterWorlds: readonly World[] = [
  {
    name: 'no annotation',
    link: 'annotation',
    code: 'NO_ANNOTATION',
    breakIt: async (site) => {
      await removeRole(site);
      await recreatePods(site);
    },
    remedy: 'commands',
  },
  {
    name: 'eks.amazon.com instead of eks.amazonaws.com',
    link: 'annotation',
    code: 'MISSPELT_ANNOTATION',
    breakIt: async (site) => {
      await removeRole(site);
      await annotate(site, 'eks.amazon.com/role-arn', site.roleArn);
      await recreatePods(site);
    },
    remedy: 'commands',
    tidyUp: ({ kubectl }) =>
      kubectl(['-n', NAMESPACE, 'annotate', 'serviceaccount', 'web', 'eks.amazon.com/role-arn-']),
  },
  {
    name: 'annotation on the pod',
    link: 'annotation',
    code: 'ANNOTATION_ON_POD',
    breakIt: async (site) => {
      await removeRole(site);
      await applyWorkload(site, {}, { annotations: { [ROLE_ARN]: site.roleArn } });
    },
    remedy: 'commands',
    tidyUp: (site) => applyWorkload(site),
  },
  {
    name: 'malformed ARN',
    link: 'annotation',
    code: 'MALFORMED_ROLE_ARN',
    breakIt: async (site) => {
      await annotate(site, ROLE_ARN, site.roleArn.replace('::', ':'));
      await recreatePods(site);
    },
    remedy: 'commands',
  },
  {
    name: 'ARN of a user',
    link: 'annotation',
    code: 'MALFORMED_ROLE_ARN',
    breakIt: async (site) => {
      await annotate(site, ROLE_ARN, site.roleArn.replace(':role/', ':user/'));
      await recreatePods(site);
    },
    remedy: 'commands',
  },
  {
    name: 'pod older than the annotation',
    link: 'pod',
    code: 'POD_OLDER_THAN_ANNOTATION',
    breakIt: async (site) => {
      await removeRole(site);
      await recreatePods(site);
      await annotate(site, ROLE_ARN, site.roleArn);
    },
    remedy: 'commands',
  },
  {
    name: 'pod created while the webhook was away',
    link: 'pod',
    code: 'POD_MISSED_WEBHOOK',
    breakIt: missWebhook,
    remedy: 'commands',
  },
  {
    name: 'CA bundle expired',
    link: 'webhook',
    code: 'WEBHOOK_CA_INVALID',
    breakIt: async (site) => {
      await site.webhook.hang();
      await replaceCaBundle(site, await expiredAuthority());
      await recreatePods(site);
    },
    remedy: 'commands',
  },
  {
    name: 'CA bundle of another CA',
    link: 'webhook',
    code: 'WEBHOOK_NOT_REACHED',
    breakIt: async (site) => {
      await site.webhook.hang();
      await replaceCaBundle(site, (await createAuthority('another one')).cert);
      await recreatePods(site);
    },
    remedy: 'commands',
  },
  {
    name: 'webhook without endpoints',
    link: 'webhook',
    code: 'WEBHOOK_NO_ENDPOINT',
    breakIt: async (site) => {
      await site.kubectl(['-n', 'podrole', 'scale', 'deployment/podrole-webhook', '--replicas=0']);
      await site.settle();
      await recreatePods(site);
    },
    remedy: 'commands',
  },
  {
    name: 'webhook configuration deleted',
    link: 'webhook',
    code: 'NO_WEBHOOK',
    breakIt: async (site) => {
      await site.kubectl(['delete', 'mutatingwebhookconfiguration', 'podrole']);
      await recreatePods(site);
    },
    remedy: 'commands',
  },
  {
    name: 'pod excluded by its label',
    link: 'webhook',
    code: 'WEBHOOK_EXCLUDES_POD',
    breakIt: (site) => applyWorkload(site, {}, { labels: { [SKIP_LABEL]: 'true' } }),
    remedy: 'commands',
    tidyUp: (site) => applyWorkload(site),
  },
  {
    name: 'namespace excluded by the selector',
    link: 'webhook',
    code: 'WEBHOOK_EXCLUDES_NAMESPACE',
    breakIt: async (site) => {
      await patchWebhooks(site, (webhook) => ({
        ...webhook,
        namespaceSelector: { matchLabels: { 'example.test/roles': 'yes' } },
      }));
      await recreatePods(site);
    },
    remedy: 'commands',
    tidyUp: async ({ kubectl, podrole }) => {
      await podrole(['up', '--approve', '--wait=false', '--force-conflicts']);
      await kubectl(['label', 'namespace', NAMESPACE, 'example.test/roles-']);
    },
  },
  {
    name: 'static keys in the pod',
    link: 'source',
    code: 'STATIC_KEYS',
    breakIt: (site) =>
      applyWorkload(site, {
        containers: [
          {
            name: 'app',
            image: 'example.test/app:1',
            env: [
              { name: 'AWS_ACCESS_KEY_ID', value: 'AKIAIOSFODNN7EXAMPLE' },
              { name: 'AWS_SECRET_ACCESS_KEY', value: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
            ],
          },
        ],
      }),
    remedy: 'commands',
    tidyUp: (site) => applyWorkload(site),
  },
  {
    name: 'token unreadable for the user',
    link: 'pod',
    code: 'TOKEN_UNREADABLE',
    // The webhook keeps a volume of its name that the pod has already.
    breakIt: (site) =>
      applyWorkload(site, {
        containers: [
          { name: 'app', image: 'example.test/app:1', securityContext: { runAsUser: 1000 } },
          { name: 'log', image: 'example.test/log:1', securityContext: { runAsUser: 2000 } },
        ],
        volumes: [
          {
            name: 'aws-iam-token',
            projected: {
              defaultMode: 0o400,
              sources: [
                { serviceAccountToken: { audience: AUDIENCE, expirationSeconds: 86_400, path: 'token' } },
              ],
            },
          },
        ],
      }),
    remedy: 'commands',
    tidyUp: (site) => applyWorkload(site),
  },
];

async function patchWebhooks(
  { cluster }: DoctorSite,
  change: (webhook: Readonly<Record<string, unknown>>) => object,
): Promise<void> {
  const { body } = await expectSuccess(cluster, 'GET', CONFIGURATION);
  const { webhooks } = body as { webhooks: Readonly<Record<string, unknown>>[] };
  await expectSuccess(cluster, 'PATCH', CONFIGURATION, { webhooks: webhooks.map(change) });
}

function replaceCaBundle(site: DoctorSite, pem: string): Promise<void> {
  return patchWebhooks(site, (webhook) => ({
    ...webhook,
    clientConfig: {
      ...(webhook['clientConfig'] as object),
      caBundle: Buffer.from(pem).toString('base64'),
    },
  }));
}

/** Returns the certificate of a CA that expired yesterday, PEM. */
async function expiredAuthority(): Promise<string> {
  const authority = await createAuthority('expired');
  const [notBeforeDate, notAfterDate] = [30, 1].map((days) => new Date(Date.now() - days * DAY_MS));
  const { cert } = await authority.issue(['podrole'], {
    notBeforeDate: notBeforeDate as Date,
    notAfterDate: notAfterDate as Date,
  });
  return cert;
}
