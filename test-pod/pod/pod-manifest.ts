import { SKIP_POD_LABEL } from '../../lib/contract/aws-webhook.ts';
import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';

/** Label of every test pod, by which leftovers are found; `keep` for a pod that its user keeps. */
export const TEST_POD_LABEL = 'podrole.dev/test-pod';

/** Start of the name of every test pod. */
export const POD_NAME_PREFIX = 'podrole-test-';

export interface TestPod {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  readonly container: string;
  readonly image: string;
  readonly imagePullPolicy: string | undefined;
  /** Further arguments of podrole whoami. */
  readonly args?: readonly string[];
  /** Webhooks for roles leave the pod alone. */
  readonly isUntouched?: true;
  /** The pod asks its sidecar or the agent of its node instead of STS. */
  readonly asksSidecar: boolean;
  readonly isKept: boolean;
  /** kubelet ends the pod after this time, even if nobody removes it. */
  readonly deadlineSeconds: number;
}

/** Returns the manifest: small, under the Pod Security Standard `restricted`, and without own rights. */
export function testPodManifest(pod: TestPod): JsonObject {
  const source = pod.asksSidecar ? ['--source', 'container'] : [];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: pod.namespace,
      name: pod.name,
      labels: {
        'app.kubernetes.io/name': 'podrole-test',
        [TEST_POD_LABEL]: pod.isKept ? 'keep' : 'remove',
        ...(pod.isUntouched && { [SKIP_POD_LABEL]: 'true' }),
      },
    },
    spec: {
      serviceAccountName: pod.serviceAccount,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      activeDeadlineSeconds: pod.deadlineSeconds,
      terminationGracePeriodSeconds: 1,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_532,
        runAsGroup: 65_532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: pod.container,
          image: pod.image,
          ...(pod.imagePullPolicy !== undefined && { imagePullPolicy: pod.imagePullPolicy }),
          args: [
            'whoami',
            '--output=json',
            '--report-file=/dev/termination-log',
            ...source,
            ...(pod.args ?? []),
          ],
          terminationMessagePath: '/dev/termination-log',
          // An older image, without whoami, says so in its log.
          terminationMessagePolicy: 'FallbackToLogsOnError',
          resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '192Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}

/**
 * Returns the value of a variable of a container, or of the sidecar, of an admitted pod; empty if it comes
 * from elsewhere, such as a Secret.
 */
export function variableOf(pod: JsonObject, container: string, variable: string): string | undefined {
  return variablesIn(pod, container).get(variable);
}

function variablesIn(pod: JsonObject, container: string): ReadonlyMap<string, string> {
  const spec = asObject(pod['spec']);
  const all = [...(asArray(spec?.['containers']) ?? []), ...(asArray(spec?.['initContainers']) ?? [])];
  const found = all.map(asObject).find((each) => each?.['name'] === container);
  const variables = (asArray(found?.['env']) ?? []).map(asObject);
  return new Map(
    variables.map((variable) => [asText(variable?.['name']) ?? '', asText(variable?.['value']) ?? '']),
  );
}
