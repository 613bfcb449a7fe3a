import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdminClient } from '../../cluster/admin-client.ts';
import { createToken } from '../../cluster/api-objects.ts';
import { type CommandResult, runCommand } from '../../cluster/run-command.ts';
import { containerOf, type StoredPod } from './pods.ts';

const WHOAMI = fileURLToPath(new URL('../../../examples/whoami.mjs', import.meta.url));
/** Parent of every token path in these tests. */
const RUN = '/var/run';
/**
 * Mounts a folder over /var/run in a new mount namespace, and runs a command with only the given variables.
 */
const AS_CONTAINER = `mount --bind "$1" "$(realpath ${RUN})"; shift; exec env -i "$@"`;

/**
 * Runs an unmodified AWS SDK like a container of a stored pod. It sets the variables as kubelet does, and in
 * place of the token volumes it uses tokens that the API server mints for their projections and this pod.
 * @param extra variables besides the pod's own
 */
export async function runWhoami(
  api: Pick<AdminClient, 'request'>,
  pod: StoredPod,
  container: string,
  extra: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-container-'));
  try {
    for (const [file, token] of await projectTokens(api, pod, container)) {
      const location = path.join(folder, path.relative(RUN, file));
      await mkdir(path.dirname(location), { recursive: true });
      await writeFile(location, token, { mode: 0o600 });
    }
    // An empty home, without the AWS configuration of the machine.
    const variables = { ...variablesOf(pod, container), HOME: folder, ...extra };
    const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const command = ['bash', '--norc', '-euc', AS_CONTAINER, 'as-container', folder];
    const args = ['--mount', ...command, ...assignments, process.execPath, WHOAMI];
    return await runCommand('unshare', args, { env: { PATH: process.env['PATH'] } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the tokens of a container by path, without those for the API server. */
export async function projectTokens(
  api: Pick<AdminClient, 'request'>,
  pod: StoredPod,
  container: string,
): Promise<Map<string, string>> {
  const { name, namespace, uid } = pod.metadata;
  const tokens = new Map<string, string>();
  for (const { name: volume, mountPath } of containerOf(pod, container).volumeMounts ?? []) {
    const { projected } = pod.spec.volumes?.find((candidate) => candidate.name === volume) ?? {};
    for (const { serviceAccountToken } of projected?.sources ?? []) {
      if (serviceAccountToken?.audience === undefined) continue;
      const { audience, expirationSeconds } = serviceAccountToken;
      const request = { audience, expirationSeconds, boundPod: { name, uid } };
      const token = await createToken(api, namespace, pod.spec.serviceAccountName, request);
      tokens.set(path.posix.join(mountPath, serviceAccountToken.path), token);
    }
  }
  return tokens;
}

/** Returns the variables of a container, with values for `metadata.name` and `$(NAME)`. */
function variablesOf(pod: StoredPod, container: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, value = '', valueFrom } of containerOf(pod, container).env ?? []) {
    const isName = valueFrom?.fieldRef?.fieldPath === 'metadata.name';
    values[name] = isName
      ? pod.metadata.name
      : value.replaceAll(/\$\((\w+)\)/g, (reference, other: string) => values[other] ?? reference);
  }
  return values;
}
