import { reviewOf } from '../testing/admission/admission.ts';

/** A review of about 3 KB: a web pod with two containers, as created by a typical Deployment. */
export function sampleReview(): string {
  const container = (name: string) => ({
    name,
    image: `shop/${name}:2026.11.1`,
    args: ['--listen=:8080', '--log-format=json', `--service=${name}`],
    env: ['LOG_LEVEL', 'QUEUE_URL', 'BUCKET', 'CACHE_HOST', 'FEATURES'].map((key) => ({
      name: key,
      value: `${name}-${key}`,
    })),
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { limits: { memory: '512Mi' }, requests: { cpu: '250m', memory: '256Mi' } },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/app', readOnly: true },
      {
        name: 'kube-api-access-x7k2p',
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
        readOnly: true,
      },
    ],
    livenessProbe: {
      httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
    },
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true },
  });
  return JSON.stringify(
    reviewOf({
      metadata: { name: 'web-7d4b9c6f5-abcde', namespace: 'bench' },
      spec: {
        serviceAccountName: 'annotated-1',
        containers: [container('web'), container('worker')],
        volumes: [{ name: 'config' }, { name: 'kube-api-access-x7k2p' }],
      },
    }),
  );
}
