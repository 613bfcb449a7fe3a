import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { awsAgents } from '../../lib/http/proxy/outgoing.ts';
import { proxyFaultOf } from '../../lib/http/proxy/proxy-fault.ts';
import { asObject } from '../../lib/json/json.ts';
import type { Env } from '../../lib/surroundings.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import type { CallerIdentity } from '../report.ts';
import type { AwsCredentials } from './aws-credentials.ts';

export interface CallerContext {
  readonly region: string;
  readonly endpoint: URL;
  readonly env: Env;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;
/** Most characters of an error of STS that are repeated. */
const MAX_SAID_LENGTH = 600;

/**
 * Asks STS who the credentials are, by GetCallerIdentity, which needs no right.
 * @returns undefined if this STS lacks the call and did not name the role before: Ceph radosgw and MinIO
 * @throws PodroleError `STS_REFUSED`, `STS_UNREACHABLE`, `PROXY_FAILED`
 */
export async function callerIdentity(
  credentials: AwsCredentials,
  { region, endpoint, env, signal }: CallerContext,
): Promise<CallerIdentity | undefined> {
  const { accessKeyId, secretAccessKey, sessionToken, assumedRoleArn } = credentials;
  const secrets = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
  const sts = new STSClient({
    region,
    endpoint: endpoint.href,
    maxAttempts: 2,
    // With AWS_DEFAULTS_MODE=auto, the SDK would ask the instance metadata for the region.
    defaultsMode: 'legacy',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    requestHandler: await awsAgents(env),
  });
  try {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const { Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal });
    return identityOf(arn, secrets);
  } catch (thrown) {
    if (lacksCall(thrown))
      return assumedRoleArn === undefined ? undefined : identityOf(assumedRoleArn, secrets);
    throw refusal(thrown, endpoint, secrets);
  } finally {
    sts.destroy();
  }
}

/** `arn:aws:sts::111122223333:assumed-role/shop-web/session`, or that of a user or of the account. */
const CALLER_ARN = /^arn:[\w-]+:(?:sts|iam)::([\w.-]*):(?:assumed-role\/(?:[^/]+\/)*([^/]+)\/([^/]+)$)?/;

/** An ARN has at most 2048 characters. */
const MAX_ARN_LENGTH = 2_048;

/** Reads the ARN of a caller. @param secrets that the server may repeat in it */
function identityOf(given: string, secrets: readonly string[]): CallerIdentity {
  const isRepeated = secrets.some((secret) => secret !== '' && given.includes(secret));
  const arn = isRepeated ? '[redacted]' : given.slice(0, MAX_ARN_LENGTH);
  const [, account = '', role, sessionName] = CALLER_ARN.exec(arn) ?? [];
  return { arn, account, ...(role && { role }), ...(sessionName && { sessionName }) };
}

function lacksCall(thrown: unknown): boolean {
  const status = asObject(asObject(thrown)?.['$metadata'])?.['httpStatusCode'];
  const name = thrown instanceof Error ? thrown.name : '';
  return (
    status === 405 ||
    status === 501 ||
    /^(MethodNotAllowed|NotImplemented|InvalidAction|UnknownOperationException)$/.test(name)
  );
}

function refusal(thrown: unknown, endpoint: URL, secrets: readonly string[]): PodroleError {
  const proxyFault = proxyFaultOf(thrown);
  if (proxyFault) return new PodroleError(proxyFault, { cause: thrown });
  const status = asObject(asObject(thrown)?.['$metadata'])?.['httpStatusCode'];
  const name = thrown instanceof Error ? thrown.name : 'error';
  return new PodroleError(
    {
      code: status === undefined ? 'STS_UNREACHABLE' : 'STS_REFUSED',
      object: `STS ${endpoint.origin}`,
      // STS repeats the signed request, with the session token, when it refuses the signature.
      problem: `GetCallerIdentity failed: ${redactSecrets(`${name}: ${messageOf(thrown)}`, secrets).slice(0, MAX_SAID_LENGTH)}`,
      remedy:
        status === undefined
          ? 'check that this address answers from here, and that its certificate is trusted (AWS_CA_BUNDLE)'
          : 'check that the credentials are of this STS and valid now, and that the clock is right',
    },
    { cause: thrown },
  );
}
