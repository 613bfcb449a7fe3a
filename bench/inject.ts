import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { identitySettings } from '../identity/settings/identity-settings.ts';
import { injectManifests } from '../inject/inject-manifests.ts';
import { readSettings } from '../lib/settings/settings.ts';
import type { BenchRun } from './bench-run.ts';
import { crdManifest } from './crd-manifest.ts';
import { line } from './report.ts';
import { median } from './rounds.ts';

const ROUNDS = 5;
const ACCOUNT = {
  kind: 'ServiceAccount',
  metadata: {
    name: 'server',
    annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/server' },
  },
};

/**
 * Measures `podrole inject` on a manifest that is mostly CustomResourceDefinitions, in this process: the CPU
 * time with documents passed over, and with every document parsed.
 */
export async function measureInject({ print }: BenchRun): Promise<void> {
  const text = crdManifest();
  const cpuMs: Record<'usual' | 'whole', number[]> = { usual: [], whole: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of ['usual', 'whole'] as const) cpuMs[way].push(await cpuMsOf(text, way === 'whole'));
  }
  const [usual, whole] = [median(cpuMs.usual), median(cpuMs.whole)];
  print(
    `Inject: a manifest of ${text.length} bytes, mostly CustomResourceDefinitions, median of ${ROUNDS}.\n`,
  );
  print(line('CPU time', `${usual.toFixed(0)} ms; every document parsed: ${whole.toFixed(0)} ms`));
  print(`${line('ratio', `x${(usual / whole).toFixed(2)}`)}\n`);
}

async function cpuMsOf(text: string, whole: boolean): Promise<number> {
  const before = process.cpuUsage();
  await injectManifests({
    files: [{ name: 'install.yaml', text }],
    serviceAccountFiles: [{ name: 'accounts.json', text: JSON.stringify(ACCOUNT) }],
    containerCredentials: NO_CONTAINER_CREDENTIALS,
    settings: readSettings(identitySettings, {}, {}),
    namespace: 'default',
    whole,
  });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
