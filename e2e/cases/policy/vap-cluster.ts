import type { RolePolicy } from '../../../policy/role-policy.ts';
import { renderVap } from '../../../policy/vap/render-vap.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import type { AdminAnswer } from '../../cluster/admin-client.ts';
import { createNamespace, expectSuccess } from '../../cluster/api-objects.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { IMAGE, podManifest } from '../../setup/pods/pods.ts';

/** API server with podrole's ValidatingAdmissionPolicies. */
export interface VapCluster extends ControlPlane {
  /** Creates a Namespace with these annotations. */
  namespace(name: string, annotations: Readonly<Record<string, string>>): Promise<void>;
  /** Creates a ServiceAccount. */
  account(namespace: string, name: string, annotations?: Readonly<Record<string, string>>): Promise<void>;
  /** Replaces the policies; resolves when the API server uses the new ones. */
  install(input: { readonly policy: RolePolicy | undefined; readonly mode: Mode }): Promise<void>;
  /** Creates, as a dry run, a pod whose container has this role; returns the refusal, if there is one. */
  tryPod(namespace: string, serviceAccount: string, role: string): Promise<string | undefined>;
  /** Annotates, as a dry run, a ServiceAccount with this role; returns the refusal, if there is one. */
  tryAnnotation(namespace: string, serviceAccount: string, role: string): Promise<string | undefined>;
}

type Mode = 'audit' | 'warn' | 'enforce';

export const ROLE_KEY = 'eks.amazonaws.com/role-arn';

/** Namespace of the probe: its annotation names one role, with a number for each installation. */
const PROBE = 'probe';
const API = '/apis/admissionregistration.k8s.io/v1';
const NAMES = ['pods.roles.podrole.dev', 'serviceaccounts.roles.podrole.dev'];

export async function startVapCluster(): Promise<VapCluster> {
  const cluster = await startControlPlane({ issuer: 'https://oidc.example.test' });
  const annotate = (name: string, annotations: Readonly<Record<string, string>>) =>
    cluster.request('PATCH', `/api/v1/namespaces/${name}`, { metadata: { annotations } });
  const tryPod = async (namespace: string, account: string, role: string) =>
    refusalIn(
      await cluster.request('POST', `${podsPath(namespace)}?dryRun=All`, podWith(namespace, account, role)),
    );
  const tryAnnotation = async (namespace: string, account: string, role: string) =>
    refusalIn(
      await cluster.request(
        'PATCH',
        `/api/v1/namespaces/${namespace}/serviceaccounts/${account}?dryRun=All`,
        {
          metadata: { annotations: { [ROLE_KEY]: role } },
        },
      ),
    );
  await createNamespace(cluster, PROBE);
  await expectSuccess(cluster, 'PATCH', `/api/v1/namespaces/${PROBE}`, {
    metadata: { annotations: { 'podrole.dev/allowed-roles': 'none' } },
  });
  const remove = async () => {
    for (const name of NAMES) {
      await cluster.request('DELETE', `${API}/validatingadmissionpolicybindings/${name}`);
      await cluster.request('DELETE', `${API}/validatingadmissionpolicies/${name}`);
    }
    await waitFor(async () => (await probe()).every((lines) => lines === ''), 'the end of the old policies');
  };
  /** Messages about a role that every policy refuses. */
  const probe = async (): Promise<readonly string[]> => {
    const answers = await Promise.all([
      cluster.request('POST', `${podsPath(PROBE)}?dryRun=All`, podWith(PROBE, 'default', 'probe')),
      cluster.request('PATCH', `/api/v1/namespaces/${PROBE}/serviceaccounts/default?dryRun=All`, {
        metadata: { annotations: { [ROLE_KEY]: 'probe' } },
      }),
    ]);
    return answers.map((answer) => [refusalIn(answer) ?? '', ...answer.warnings].join(''));
  };
  return {
    ...cluster,
    namespace: async (name, annotations) => {
      await createNamespace(cluster, name);
      if ((await annotate(name, annotations)).status !== 200) throw new Error(`Namespace ${name}`);
    },
    account: async (namespace, name, annotations = {}) => {
      await expectSuccess(cluster, 'POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
        metadata: { name, annotations },
      });
    },
    install: async ({ policy, mode }) => {
      await remove();
      for (const object of renderVap({
        policy,
        mode,
        annotationPrefix: 'eks.amazonaws.com',
        baseRoleArn: undefined,
      })) {
        const kind = object['kind'] === 'ValidatingAdmissionPolicy' ? 'policies' : 'policybindings';
        await expectSuccess(cluster, 'POST', `${API}/validatingadmission${kind}`, object);
      }
      // An audited refusal is only in the audit log.
      if (mode !== 'audit') {
        await waitFor(async () => (await probe()).every((lines) => lines !== ''), 'the new policies');
      }
    },
    tryPod,
    tryAnnotation,
  };
}

function podsPath(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/pods`;
}

function podWith(namespace: string, account: string, role: string) {
  const env = [{ name: 'AWS_ROLE_ARN', value: role }];
  return podManifest(namespace, account, {
    generateName: 'try-',
    spec: { containers: [{ name: 'app', image: IMAGE, env }] },
  });
}

/** Returns the message of a refusal by a policy; any other failure is thrown, also that of an expression. */
export function refusalIn({ status, body }: AdminAnswer): string | undefined {
  if (status < 300) return undefined;
  const { message = '' } = body as { message?: string };
  if (
    !/ValidatingAdmissionPolicy '\w+\.roles\.podrole\.dev'/.test(message) ||
    / resulted in error: /.test(message)
  ) {
    throw new Error(`${status} ${message}`);
  }
  return message;
}

/** A pod whose only container has these values of AWS_ROLE_ARN. */
export function podSpec(variables: readonly Record<string, unknown>[], list = 'containers', more = {}) {
  const env = variables.map((variable) => ({ name: 'AWS_ROLE_ARN', ...variable }));
  const plain = [{ name: 'app', image: IMAGE }];
  const container = { name: 'judged', image: IMAGE, env, ...more };
  return list === 'containers' ? { containers: [container] } : { containers: plain, [list]: [container] };
}
