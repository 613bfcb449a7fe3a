import { randomUUID } from 'node:crypto';
import type Koa from 'koa';
import type { ParameterizedContext } from 'koa';
import { STS_API } from '../lib/contract/sts.ts';
import { codeOf } from '../lib/errors.ts';
import { BodyTooLargeError, readBody } from '../lib/http/body/read-body.ts';
import { createKoaApp, type ErrorForm } from '../lib/http/koa-app.ts';
import { pathOf } from '../lib/http/request/request-path.ts';
import type { Logger } from '../lib/logger.ts';
import type { Env } from '../lib/surroundings.ts';
import { fetchIssuerKeys } from '../oidc/verify/issuer-documents.ts';
import { type Account, assumeRoleWithWebIdentity, type CallRecord } from './assume-role.ts';
import { assumeChainedRole } from './chained/assume-chained-role.ts';
import type { StsConfig } from './config/config.ts';
import { cacheIssuerKeys } from './issuer-keys.ts';
import { createSessions } from './sessions.ts';
import { verifySignature } from './signature/verify-signature.ts';
import { StsError } from './sts-error.ts';
import { assumeRoleXml, callerIdentityXml, chainedRoleXml, errorXml } from './xml.ts';

/** Three times what a token of 20,000 characters and a session policy of 2,048 need. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A call in progress. */
interface CallState {
  readonly requestId: string;
  readonly record: CallRecord;
}

type Context = ParameterizedContext<CallState>;

/** Surroundings of the account. */
export interface StsAppOptions {
  readonly logger: Logger;
  readonly now: () => Date;
  /** Names the proxies that lead to the issuers; default: none. */
  readonly env?: Env;
}

/** The Query API of STS at `/`, and `/healthz`. Logs one line per call, never a token or a credential. */
export function stsApp(config: StsConfig, { logger, now, env = {} }: StsAppOptions): Koa<CallState> {
  const account = openAccount(config, now, env);
  const options = { logger, undeliveredLevel: 'debug' } as const;
  return createKoaApp<CallState>(options, xmlForm(logger)).use(async (ctx) => {
    const path = pathOf(ctx);
    if (path === '/healthz') ctx.body = 'ok\n';
    if (path === '/') await answerCall(ctx, account, logger);
  });
}

function openAccount({ providers, roles }: StsConfig, now: () => Date, env: Env): Account {
  const withKeys = [...providers].map(([url, provider]) => {
    const endpoint = { ...provider, issuer: url, env };
    const findKey = cacheIssuerKeys(() => fetchIssuerKeys(endpoint), { now: () => performance.now() });
    return [url, { ...provider, findKey }] as const;
  });
  return { providers: new Map(withKeys), roles, sessions: createSessions(now), now };
}

/** Errors as STS answers them. Only a call throws any. */
function xmlForm(logger: Logger): ErrorForm<CallState> {
  const internal = new StsError('InternalFailure', 'An internal error occurred');
  return {
    internal,
    write: (ctx, error) => {
      ctx.body = errorXml(error, ctx.state.requestId);
    },
    logRefused: ({ state }, error) => {
      const { code, message } = error;
      const detail = error instanceof StsError ? error.detail : undefined;
      logger.warn({ ...shorten(state.record), code, message, detail }, 'call refused');
    },
    logFailed: ({ state }, thrown) =>
      logger.error({ ...shorten(state.record), code: internal.code, err: thrown }, 'call failed'),
  };
}

async function answerCall(ctx: Context, account: Account, logger: Logger): Promise<void> {
  const requestId = randomUUID();
  const record: CallRecord = { requestId };
  ctx.state = { requestId, record };
  ctx.set('x-amzn-RequestId', requestId);
  ctx.type = 'text/xml';
  ctx.body = await perform(ctx, account, requestId, record);
  logger.info({ ...shorten(record), code: 'OK' }, 'call answered');
}

async function perform(
  ctx: Context,
  account: Account,
  requestId: string,
  record: CallRecord,
): Promise<string> {
  if (ctx.method !== 'GET' && ctx.method !== 'POST') {
    throw new StsError('MethodNotAllowed', 'Use GET or POST');
  }
  const body = await readCallBody(ctx);
  const query = new URLSearchParams(ctx.querystring);
  // s3cmd sends a POST with all parameters in its query.
  const form = ctx.is('urlencoded') ? new URLSearchParams(body.toString('utf8')) : [];
  const parameters = new Map([...query, ...form]);
  const action = parameters.get('Action');
  const version = parameters.get('Version');
  record['action'] = action;
  // AWS redirects to a web page of IAM here. A documented error of the Query API says more.
  if (!action) throw new StsError('MissingAction', 'The request is missing an action');
  const called = { ...account, isSecure: ctx.secure };
  if (version === STS_API.version && action === 'AssumeRoleWithWebIdentity') {
    return assumeRoleXml(await assumeRoleWithWebIdentity(parameters, called, record), requestId);
  }
  const { method, path, headers } = ctx;
  const verify = () =>
    verifySignature({ method, path, headers, query, body }, account.sessions, account.now());
  if (version === STS_API.version && action === 'AssumeRole') {
    const session = assumeChainedRole(await verify(), parameters, called, record);
    return chainedRoleXml(session, requestId);
  }
  if (version === STS_API.version && action === 'GetCallerIdentity') {
    const session = await verify();
    record['arn'] = session.arn;
    return callerIdentityXml(session, requestId);
  }
  throw new StsError(
    'InvalidAction',
    `Could not find operation ${action.slice(0, 100)} for version ${version?.slice(0, 100) ?? 'NO_VERSION_SPECIFIED'}`,
  );
}

async function readCallBody(ctx: Context): Promise<Buffer> {
  try {
    return await readBody(ctx.req, MAX_BODY_BYTES);
  } catch (thrown) {
    ctx.set('Connection', 'close');
    if (thrown instanceof BodyTooLargeError)
      throw new StsError('RequestEntityTooLarge', `The body is larger than ${MAX_BODY_BYTES} bytes`);
    throw new StsError('ValidationError', 'The body could not be read', codeOf(thrown));
  }
}

const MAX_LOGGED_LENGTH = 300;

/** Shortens what the caller sent, since the caller decides how long that is. */
function shorten(record: CallRecord): CallRecord {
  const short = (value: unknown) =>
    typeof value === 'string' && value.length > MAX_LOGGED_LENGTH
      ? `${value.slice(0, MAX_LOGGED_LENGTH)}…`
      : value;
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.slice(0, 10).map(short) : short(value),
    ]),
  );
}
