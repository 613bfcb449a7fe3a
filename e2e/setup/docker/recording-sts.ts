import { createServer, request as httpRequest } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { drain, listen } from '../../../lib/http/serve.ts';

/** A session that STS gave, without its secrets. */
export interface GivenSession {
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity';
  readonly role: string;
  readonly sessionName: string;
  /** Session policy; undefined: all rights of the role. */
  readonly policy: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly accessKey: string;
  /** Last characters of the web identity token: they distinguish tokens. */
  readonly tokenEnd: string | undefined;
}

/** An STS in front of another one, which remembers each session. */
export interface RecordingSts {
  readonly port: number;
  /** In order of the sessions. */
  readonly given: readonly GivenSession[];
  /** Returns the role of an access key. */
  roleOf(accessKey: string): string | undefined;
  stop(): Promise<void>;
}

/**
 * Forwards every request unchanged, with its Host, which is part of the signature.
 * @param upstream URL of an STS
 */
export async function startRecordingSts(upstream: string): Promise<RecordingSts> {
  const given: GivenSession[] = [];
  const roles = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const { method, url = '/', headers } = request;
    const call = httpRequest(new URL(url, upstream), { method, headers }, async (answer) => {
      const body = await buffer(answer).catch(() => undefined);
      if (!body) return void response.destroy();
      const [, accessKey] = /<AccessKeyId>([^<]*)/.exec(body.toString()) ?? [];
      const session = accessKey && sessionOf(new URLSearchParams(sent.toString()), accessKey);
      if (session) {
        given.push(session);
        roles.set(session.accessKey, session.role);
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
    });
    call.on('error', () => response.destroy());
    call.end(sent);
  });
  const port = await listen(server, 0, '0.0.0.0');
  return { port, given, roleOf: (key) => roles.get(key), stop: () => drain(server, 0) };
}

function sessionOf(sent: URLSearchParams, accessKey: string): GivenSession | undefined {
  const action = sent.get('Action');
  if (action !== 'AssumeRole' && action !== 'AssumeRoleWithWebIdentity') return undefined;
  const tags: Record<string, string> = {};
  for (let index = 1; sent.has(`Tags.member.${index}.Key`); index += 1)
    tags[sent.get(`Tags.member.${index}.Key`) ?? ''] = sent.get(`Tags.member.${index}.Value`) ?? '';
  return {
    action,
    role: sent.get('RoleArn') ?? '',
    sessionName: sent.get('RoleSessionName') ?? '',
    policy: sent.get('Policy') ?? undefined,
    tags,
    accessKey,
    tokenEnd: sent.get('WebIdentityToken')?.slice(-8),
  };
}
