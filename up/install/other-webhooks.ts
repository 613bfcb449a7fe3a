import { AWS_WEBHOOK, DEFAULT_ANNOTATION_PREFIX } from '../../lib/contract/aws-webhook.ts';
import { OWN_WEBHOOK } from '../../lib/contract/podrole.ts';
import type { Fault } from '../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';

/** Name of podrole's webhook configuration. */
const OWN_CONFIGURATION = 'podrole';

interface Judged {
  readonly faults: readonly Fault[];
  readonly notes: readonly string[];
}

/**
 * Judges the other webhooks that give pods their roles, and who owns podrole's own objects.
 * @param configurations every MutatingWebhookConfiguration of the cluster
 * @param annotationPrefix that of the webhook to install
 */
export function judgeOtherWebhooks(
  configurations: readonly JsonObject[],
  deployment: JsonObject | undefined,
  annotationPrefix: string,
): Judged {
  const faults: Fault[] = [];
  const notes: string[] = [];
  for (const configuration of configurations) {
    const name = asText(metadataOf(configuration)?.['name']) ?? '';
    const object = `MutatingWebhookConfiguration ${name}`;
    const webhooks = (asArray(configuration['webhooks']) ?? []).map(
      (webhook) => asText(asObject(webhook)?.['name']) ?? '',
    );
    if (name === OWN_CONFIGURATION) {
      faults.push(...ownerFaults(configuration, object));
    } else if (webhooks.some((webhook) => OWN_WEBHOOK.test(webhook))) {
      faults.push({
        code: 'OTHER_INSTALLATION',
        object,
        problem: 'belongs to another installation of podrole, and two would change the same pods',
        remedy: 'upgrade that installation, or remove it first: docs/uninstall.md',
      });
    } else if (webhooks.some((webhook) => AWS_WEBHOOK.test(webhook))) {
      if (annotationPrefix === DEFAULT_ANNOTATION_PREFIX) faults.push(awsWebhookFault(object));
      else notes.push(`${object} is the AWS webhook; podrole leaves its annotations to it`);
    }
  }
  faults.push(...ownerFaults(deployment, 'Deployment podrole/podrole-webhook'));
  return { faults, notes };
}

function awsWebhookFault(object: string): Fault {
  return {
    code: 'OTHER_INSTALLATION',
    object,
    problem: `is the AWS webhook, which reads the same annotations ${DEFAULT_ANNOTATION_PREFIX}/…`,
    remedy: 'give --annotation-prefix podrole.dev to run both, as on EKS, or replace it: docs/aws-webhook.md',
  };
}

function ownerFaults(object: JsonObject | undefined, name: string): readonly Fault[] {
  const metadata = metadataOf(object);
  const annotations = asObject(metadata?.['annotations']);
  const release = asText(annotations?.['meta.helm.sh/release-name']);
  if (release === undefined) return [];
  const namespace = asText(annotations?.['meta.helm.sh/release-namespace']) ?? 'default';
  return [
    {
      code: 'OTHER_INSTALLATION',
      object: name,
      problem: `belongs to the Helm release ${release} in the namespace ${namespace}`,
      remedy: `change it with helm upgrade ${release} --namespace ${namespace}, or give --webhook=false to leave it as it is`,
    },
  ];
}
