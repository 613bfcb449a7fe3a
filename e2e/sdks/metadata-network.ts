import { runProgram } from '../aws/run-program.ts';
import { runPodrole } from '../setup/run-podrole.ts';

/** Address of the pod, from which it reaches link-local addresses. */
const ADDRESS = ['198.18.0.2/32', 'dev', 'lo'];
const ROUTE = ['169.254.0.0/16', 'dev', 'lo', 'src', '198.18.0.2'];
const ENVIRONMENT = { PATH: process.env['PATH'] ?? '' };

/**
 * Redirects the metadata addresses of this network namespace to port 9911, as `podrole redirect` does in a
 * pod. Loopback is the only interface here, and without a route a connection fails before it reaches nft.
 * @returns a function that removes it again
 */
export async function redirectMetadata(): Promise<() => Promise<void>> {
  await runProgram('ip', ['address', 'add', ...ADDRESS]);
  await runProgram('ip', ['route', 'add', ...ROUTE]);
  await podroleRedirect();
  return async () => {
    await podroleRedirect('--undo');
    await runProgram('ip', ['route', 'del', ...ROUTE]);
    await runProgram('ip', ['address', 'del', ...ADDRESS]);
  };
}

async function podroleRedirect(...flags: string[]): Promise<void> {
  const { code, stdout, stderr } = await runPodrole(['redirect', ...flags], ENVIRONMENT);
  if (code !== 0) throw new Error(`podrole redirect ${flags.join(' ')}: ${stdout}${stderr}`);
}
