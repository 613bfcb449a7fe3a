import path from 'node:path';
import { SetupError } from '../../testing/setup-error.ts';
import { waitFor } from '../../testing/wait-for.ts';
import { logFolder } from '../cluster/log-tails.ts';
import { startProcess } from '../cluster/processes.ts';
import type { AwsServer } from './aws-server.ts';

const PORT = 5000;
const URL = `http://127.0.0.1:${PORT}`;
/** The account of moto. */
const ACCOUNT = '123456789012';
const START_TIMEOUT_MS = 60_000;

/** moto implements every IAM call of podrole and has AWS's managed policies. It never verifies a token. */
export interface Moto extends AwsServer {
  /** While the action runs, a call is refused unless it is signed and the caller's policies allow it. */
  enforcingPolicies<T>(action: () => Promise<T>): Promise<T>;
}

/**
 * Starts moto's server. It is ready when this resolves.
 * @throws SetupError `E2E_OUTSIDE` outside e2e/run; an error when the server does not become ready
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

/** @param folder virtual environment of moto, set by e2e/run */
function findPython(folder: string | undefined): string {
  if (folder !== undefined) return path.join(folder, 'bin/python');
  throw new SetupError({
    code: 'E2E_OUTSIDE',
    object: 'moto',
    problem: 'is not among the programs that this test was given',
    remedy: 'start the end-to-end tests by e2e/run',
  });
}

/** This many further calls are not checked. */
async function letPass(count: string): Promise<void> {
  const answer = await fetch(`${URL}/moto-api/reset-auth`, { method: 'POST', body: count });
  if (!answer.ok) throw new Error(`moto answered ${answer.status} to reset-auth`);
}
