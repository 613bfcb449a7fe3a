export interface WebhookRegistration {
  readonly name: string;
  /** https, with path; a host of e2e/cluster/hosts. */
  readonly url: string;
  /** PEM. */
  readonly caBundle: string;
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly reinvocationPolicy?: 'Never' | 'IfNeeded';
  /** Seconds, at most 30. */
  readonly timeoutSeconds?: number;
  readonly rules?: readonly WebhookRule[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
}

interface WebhookRule {
  readonly operations: readonly ('CREATE' | 'UPDATE')[];
  readonly resources: readonly string[];
}

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** Rules of a webhook that reviews every pod, and every ephemeral container that is added to a pod. */
const POD_RULES: readonly WebhookRule[] = [
  { operations: ['CREATE'], resources: ['pods'] },
  { operations: ['UPDATE'], resources: ['pods/ephemeralcontainers'] },
];

/**
 * Returns the MutatingWebhookConfiguration of one webhook. Webhooks are called in the order of their names.
 */
export function mutatingWebhookConfiguration({
  name,
  url,
  caBundle,
  failurePolicy = 'Fail',
  reinvocationPolicy = 'IfNeeded',
  timeoutSeconds = 10,
  rules = POD_RULES,
  namespaceSelector = {},
  objectSelector = {},
}: WebhookRegistration): Record<string, unknown> {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.podrole.dev`,
        clientConfig: { url, caBundle: Buffer.from(caBundle).toString('base64') },
        rules: rules.map((rule) => ({ ...rule, apiGroups: [''], apiVersions: ['v1'], scope: 'Namespaced' })),
        failurePolicy,
        reinvocationPolicy,
        timeoutSeconds,
        namespaceSelector,
        objectSelector,
        matchPolicy: 'Equivalent',
        sideEffects: 'NoneOnDryRun',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
}
