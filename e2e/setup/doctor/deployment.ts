export const NAMESPACE = 'shop';

interface TemplateMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Returns the workload of the worlds. @param spec members of its pod template's spec */
export function deployment(
  spec: Readonly<Record<string, unknown>> = {},
  { labels: more = {}, annotations = {} }: TemplateMetadata = {},
): object {
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: NAMESPACE, name: 'web' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...more }, annotations },
        spec: {
          serviceAccountName: 'web',
          containers: [{ name: 'app', image: 'example.test/app:1' }],
          ...spec,
        },
      },
    },
  };
}
