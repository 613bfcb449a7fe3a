import { createServer } from 'node:http';
import { after } from 'node:test';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { drain, listen } from '../../lib/http/serve.ts';
import { issuerHostPath } from '../../lib/issuer.ts';
import { createLogger } from '../../lib/logger.ts';
import { stsApp } from '../../sts/app.ts';
import { parseStsConfig } from '../../sts/config/config.ts';
import type { TestIssuer } from '../oidc/issuer.ts';

export const ROLE = 'arn:aws:iam::111122223333:role/team/web';
export const SESSION_ARN = 'arn:aws:sts::111122223333:assumed-role/web/test-session';
export const CALL = { RoleArn: ROLE, RoleSessionName: 'test-session' };

export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A local STS that trusts one ServiceAccount of a test issuer. */
interface LocalSts {
  /** URL that ends with a slash. */
  readonly url: string;
  /** Parsed lines of its log. */
  readonly lines: readonly Record<string, unknown>[];
  /** Time by which its clock is ahead of the clock of this process. */
  aheadMs: number;
  /** An AWS SDK client whose only endpoint is this STS; the default credentials are invalid. */
  readonly client: (credentials?: Identity) => STSClient;
  /** Returns credentials for a token with these claims. */
  readonly assume: (claims?: Record<string, unknown>) => Promise<Required<Identity>>;
  /** Calls the STS without the SDK; returns the error code when it fails. */
  readonly send: (
    parameters: Readonly<Record<string, string>>,
    method?: 'GET' | 'POST',
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly response: Response; readonly body: string; readonly code: string | undefined }>;
  readonly close: () => Promise<void>;
}

/** A further role of the local STS. */
interface LocalRole {
  readonly arn: string;
  readonly trustPolicy: object;
  readonly policy?: object;
}

interface LocalAccount {
  readonly clientIds?: readonly string[];
  /** Policy of ROLE: which roles it may assume. */
  readonly policy?: object;
}

export async function startLocalSts(
  issuer: TestIssuer,
  roles: readonly LocalRole[] = [],
  options: LocalAccount = {},
): Promise<LocalSts> {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(JSON.parse(line)) });
  const now = () => new Date(Date.now() + sts.aheadMs);
  const server = createServer(stsApp(configFor(issuer, roles, options), { logger, now }).callback());
  const url = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}/`;
  const client = (credentials: Identity = { accessKeyId: 'none', secretAccessKey: 'none' }) =>
    new STSClient({ region: 'eu-west-1', endpoint: url, credentials, maxAttempts: 1 });
  const sts: LocalSts = {
    url,
    lines,
    aheadMs: 0,
    client,
    assume: async (claims) => {
      const WebIdentityToken = await issuer.sign(claims);
      const call = new AssumeRoleWithWebIdentityCommand({ ...CALL, WebIdentityToken });
      const { Credentials } = await client().send(call);
      return {
        accessKeyId: String(Credentials?.AccessKeyId),
        secretAccessKey: String(Credentials?.SecretAccessKey),
        sessionToken: String(Credentials?.SessionToken),
      };
    },
    send: async (parameters, method = 'POST', headers = {}) => {
      const form = new URLSearchParams(parameters);
      const response =
        method === 'GET'
          ? await fetch(`${url}?${form}`, { headers })
          : await fetch(url, { method, headers, body: form });
      const body = await response.text();
      return { response, body, code: /<Code>(.*)<\/Code>/.exec(body)?.[1] };
    },
    close: () => drain(server, 0),
  };
  return sts;
}

/** Starts a local STS for a test file. */
export async function useLocalSts(issuer: TestIssuer): Promise<LocalSts> {
  const sts = await startLocalSts(issuer);
  after(() => sts.close());
  return sts;
}

function configFor(
  { url, ca, connectTo }: TestIssuer,
  roles: readonly LocalRole[],
  { clientIds = ['sts.amazonaws.com'], policy }: LocalAccount,
) {
  const hostPath = issuerHostPath(url);
  const trustPolicy = {
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${hostPath}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${hostPath}:sub`]: 'system:serviceaccount:shop:web',
          [`${hostPath}:aud`]: 'sts.amazonaws.com',
        },
      },
    },
  };
  const provider = {
    url,
    clientIDs: clientIds,
    caFile: 'ca.crt',
    connectTo: `${connectTo.host}:${connectTo.port}`,
  };
  const config = {
    providers: [provider],
    roles: [{ arn: ROLE, trustPolicy, ...(policy && { policy }) }, ...roles],
  };
  return parseStsConfig(config, 'test', () => ca);
}
