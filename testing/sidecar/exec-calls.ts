import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach } from 'node:test';
import { answerXml, credentialsXml, useStsPeer } from '../aws/sts-peer.ts';
import { startPodrole } from '../processes/podrole-process.ts';

export const ROLE = 'arn:aws:iam::111122223333:role/web';

interface ExecCall {
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  readonly stdin: string;
}

/** Starts an STS peer for calls of `podrole exec` in processes of their own. */
export async function useExec() {
  const sts = await useStsPeer();
  const folder = mkdtempSync(join(tmpdir(), 'podrole-exec-'));
  after(() => rmSync(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  const home = join(folder, 'home');
  mkdirSync(home);
  beforeEach(() => {
    sts.calls.length = 0;
    sts.answerWith = answerXml(200, () => credentialsXml());
    writeFileSync(tokenFile, 'first.token.value');
  });
  const base = {
    HOME: home,
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-central-1',
  };
  const withToken = { ...base, AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile };

  /** Runs `podrole exec -- COMMAND`. */
  async function exec(
    command: readonly string[],
    { env = withToken, flags = [], stdin = '' }: Partial<ExecCall> = {},
  ) {
    const { child, printed, ended } = startPodrole(['exec', ...flags, '--', ...command], env);
    child.stdin.end(stdin);
    const [exitCode, signal] = await ended;
    return { exitCode, signal, ...printed };
  }
  return { sts, folder, home, tokenFile, base, withToken, exec };
}
