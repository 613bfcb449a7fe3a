import path from 'node:path';
import { SetupError } from '../../testing/setup-error.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { logFolder } from '../cluster/log-tails.ts';
import { startProcess } from '../cluster/processes.ts';
import type { AwsServer } from './aws-server.ts';

const PORT = 5000;
const URL = `http://127.0.0.1:${PORT}`;
/** moto's own. */
const ACCOUNT = '123456789012';
const START_TIMEOUT_MS = 60_000;

/** moto: every call of IAM that podrole makes, and AWS's managed policies; it never looks at a token. */
interface Moto extends AwsServer {
  /** While the action runs each call is refused unless it is signed and the caller's policies allow it. */
  enforcingPolicies<T>(action: () => Promise<T>): Promise<T>;
}

/**
 * Starts moto's server. It is ready when this resolves.
 * @throws SetupError `E2E_OUTSIDE` where e2e/run is not at work; where it does not come up
 */
export async function startMoto(): Promise<Moto> {
  const python = findPython(process.env['PODROLE_E2E_MOTO']);
  const server = startProcess({
    name: 'moto',
    program: 'env',
    args: ['MOTO_IAM_LOAD_MANAGED_POLICIES=true', python, '-m', 'moto.server', '--port', `${PORT}`],
    logs: logFolder(),
  });
  const stop = () => server.stop(0);
  try {
    const answers = async () => (await fetch(`${URL}/moto-api/data.json`)).ok;
    await waitFor(answers, 'moto ready', START_TIMEOUT_MS, server.ended);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    url: URL,
    account: ACCOUNT,
    credentials: { accessKeyId: 'admin', secretAccessKey: 'admin' },
    stop,
    async enforcingPolicies(action) {
      await letPass('0');
      try {
        return await action();
      } finally {
        await letPass('inf');
      }
    },
  };
}

/** @param folder of the virtual environment that moto is in, as e2e/run hands it over */
function findPython(folder: string | undefined): string {
  if (folder !== undefined) return path.join(folder, 'bin/python');
  throw new SetupError({
    code: 'E2E_OUTSIDE',
    object: 'moto',
    problem: 'is not among the programs that this test was given',
    remedy: 'start the end-to-end tests by e2e/run',
  });
}

/** So many further calls are not looked at. */
async function letPass(count: string): Promise<void> {
  const answer = await fetch(`${URL}/moto-api/reset-auth`, { method: 'POST', body: count });
  if (!answer.ok) throw new Error(`moto answered ${answer.status} to reset-auth`);
}
