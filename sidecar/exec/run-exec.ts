import { exchangeToken } from '../../credentials/exchange/exchange.ts';
import { type StsAddress, stsAddress } from '../../credentials/exchange/sts-address.ts';
import { exchangeByHost } from '../../credentials/host/exchange-by-host.ts';
import { tokenRemedies } from '../../credentials/host/token-remedies.ts';
import type { Exchange } from '../../credentials/pool/exchange-once.ts';
import { type ExchangeResult, keepSession, type SessionKeeper } from '../../credentials/session-keeper.ts';
import { sessionNameFor } from '../../credentials/session-name.ts';
import type { Clock } from '../../lib/clock.ts';
import { describeFaultWithCode } from '../../lib/errors.ts';
import { requestListener } from '../../lib/http/request-listener.ts';
import type { Logger } from '../../lib/logger.ts';
import type { CommandEnd } from '../../lib/outcome.ts';
import type { Env, Output, Random } from '../../lib/surroundings.ts';
import { followToken } from '../follow-token.ts';
import { listenOnLoopback } from '../listen-on-loopback.ts';
import { awaitFirst } from './await-first.ts';
import { commandEndpoint } from './command-endpoint.ts';
import { commandEnvironment } from './command-environment.ts';
import { CommandNotStarted, type CommandSurroundings, runCommand } from './run-command.ts';
import type { ExecSettings } from './settings.ts';

export interface ExecSurroundings extends Omit<CommandSurroundings, 'env'>, Pick<Output, 'stderr'> {
  readonly env: Env;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly randomBytes: (length: number) => Buffer;
  readonly hostname: string;
}

/** As many as a session token of instance metadata has. */
const TOKEN_BYTES = 32;

/**
 * Runs a command whose AWS credentials are those of a role: obtains a session, opens an endpoint of container
 * credentials that only the command can use, and keeps the session fresh until the command ends.
 * @param command the program and its arguments
 * @throws PodroleError if there is no session, before the command starts
 */
export async function runExec(
  settings: ExecSettings,
  command: readonly string[],
  surroundings: ExecSurroundings,
): Promise<CommandEnd> {
  const { env, clock, random, logger, stderr } = surroundings;
  const token = settings.tokenFile === undefined ? undefined : followToken(settings.tokenFile);
  const journal = openJournal(logger);
  const first = awaitFirst(clock);
  const base = exchangeOf(settings, stsAddress(settings.region, env), surroundings);
  const keeper: SessionKeeper = keepSession({
    exchange: async (signal) => {
      await token?.remember();
      return base(signal);
    },
    clock,
    random,
    onResult: (result) => {
      journal(result, first.settle(result));
      if ('failure' in result) token?.watch(() => keeper.tokenChanged());
    },
  });
  try {
    await first.ended;
    return await serveAndRun(settings, command, keeper, surroundings);
  } catch (thrown) {
    if (!(thrown instanceof CommandNotStarted)) throw thrown;
    for (const fault of thrown.faults) stderr.write(`error: ${describeFaultWithCode(fault)}\n`);
    return { exitCode: thrown.exitCode };
  } finally {
    keeper.stop();
    token?.stop();
  }
}

function exchangeOf(
  { roleArn: role, region, sessionName, sessionDuration: durationSeconds, tokenFile }: ExecSettings,
  sts: StsAddress,
  { env, clock, hostname }: ExecSurroundings,
): Exchange {
  const roleArn = role.arn;
  const request = { roleArn, sessionName: sessionName || sessionNameFor(hostname), durationSeconds };
  if (tokenFile === undefined) {
    // The endpoint has a port that nobody knew before.
    const own = { ports: [], addresses: [] };
    return exchangeByHost({ sts, region, env, own, clock })(request);
  }
  const target = { ...sts, ...request, tokenFile, remedies: tokenRemedies(roleArn) };
  return (signal) => exchangeToken(target, clock.now, signal);
}

async function serveAndRun(
  { roleArn, region }: ExecSettings,
  command: readonly string[],
  keeper: SessionKeeper,
  surroundings: ExecSurroundings,
): Promise<CommandEnd> {
  const { env, logger, randomBytes } = surroundings;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const endpoint = commandEndpoint(roleArn, keeper, token);
  const listener = requestListener({ endpoint, logger, onAnswer: () => {} });
  const { port, drain } = await listenOnLoopback(0, listener, logger);
  try {
    logger.info({ port, role: roleArn.arn }, 'listening');
    const own = commandEnvironment(env, { port, token, region });
    return await runCommand(command, { ...surroundings, env: own });
  } finally {
    await drain(0);
  }
}

/**
 * Returns the log of the exchanges. The command and podrole share stderr, so a failure is a warning once, and
 * not at each attempt. The last one before the command is not logged: the process ends with it.
 */
function openJournal(logger: Logger): (result: ExchangeResult, isOver: boolean) => void {
  let isStarting = true;
  let hasWarned = false;
  return (result, isOver) => {
    if (!('failure' in result)) {
      isStarting = false;
      hasWarned = false;
      const { expiration } = result.exchanged.session;
      logger.info({ expiration, renewInSeconds: Math.round(result.renewInMs / 1_000) }, 'session obtained');
      return;
    }
    if (isOver) return;
    const level = hasWarned ? 'info' : 'warn';
    hasWarned = true;
    logger[level](
      { err: result.failure, retryInSeconds: Math.round(result.retryInMs / 100) / 10 },
      isStarting
        ? 'exchange failed; the command waits for it'
        : 'exchange failed; the command keeps the session that it has until that ends',
    );
  };
}
