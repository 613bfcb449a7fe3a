import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { after } from 'node:test';
import { readBody } from '../../lib/http/body/read-body.ts';
import { drain, listen } from '../../lib/http/serve.ts';
import type { KeyPair } from '../certificates/certificates.ts';

/** A server whose answers a test chooses: answers and errors of STS, and answers that STS never gives. */
interface StsPeer {
  readonly url: string;
  /** Parameters of each call, in order. */
  readonly calls: URLSearchParams[];
  /** Answers each call; default: with credentials that are valid for an hour. */
  answerWith: RequestListener;
  readonly close: () => Promise<void>;
}

/** @param pair serves https with this certificate of localhost; undefined: http */
export async function startStsPeer(pair?: KeyPair): Promise<StsPeer> {
  const listener: RequestListener = async (request, response) => {
    peer.calls.push(new URLSearchParams((await readBody(request, 65_536)).toString()));
    peer.answerWith(request, response);
  };
  const server = pair ? createTlsServer(pair, listener) : createServer(listener);
  const port = await listen(server, 0, '127.0.0.1');
  const peer: StsPeer = {
    url: `${pair ? 'https' : 'http'}://localhost:${port}`,
    calls: [],
    answerWith: answerXml(200, () => credentialsXml()),
    close: () => drain(server, 0),
  };
  return peer;
}

/** Starts an STS peer over http for a test file. */
export async function useStsPeer(): Promise<StsPeer> {
  const peer = await startStsPeer();
  after(() => peer.close());
  return peer;
}

export function answerXml(status: number, body: () => string): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'text/xml' }).end(body());
  };
}

export const PEER_SECRETS = {
  secretAccessKey: 'peer/secret+access=key',
  sessionToken: 'peer//session+token==',
};

/** Returns an answer of AssumeRoleWithWebIdentity as AWS documents it. */
export function credentialsXml(
  expiration = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, ''),
): string {
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>system:serviceaccount:shop:web</SubjectFromWebIdentityToken>
    <Audience>sts.amazonaws.com</Audience>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::111122223333:assumed-role/web/app1</Arn>
      <AssumedRoleId>AROACLKWSDQRAOEXAMPLE:app1</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <SessionToken>${PEER_SECRETS.sessionToken}</SessionToken>
      <SecretAccessKey>${PEER_SECRETS.secretAccessKey}</SecretAccessKey>
      <Expiration>${expiration}</Expiration>
      <AccessKeyId>ASIAPEEREXAMPLE</AccessKeyId>
    </Credentials>
    <SourceIdentity/>
    <Provider>arn:aws:iam::111122223333:oidc-provider/issuer.test</Provider>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata>
    <RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId>
  </ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
`;
}

/** Returns an answer of AssumeRole as AWS documents it. */
export function targetCredentialsXml(
  arn: string | undefined,
  expiration = new Date(Date.now() + 3_600_000).toISOString(),
): string {
  const user =
    arn === undefined
      ? ''
      : `<AssumedRoleUser><Arn>${arn}</Arn><AssumedRoleId>AROAEXAMPLE:app1</AssumedRoleId></AssumedRoleUser>`;
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    ${user}
    <Credentials>
      <AccessKeyId>ASIATARGETEXAMPLE</AccessKeyId>
      <SecretAccessKey>${PEER_SECRETS.secretAccessKey}</SecretAccessKey>
      <SessionToken>${PEER_SECRETS.sessionToken}</SessionToken>
      <Expiration>${expiration}</Expiration>
    </Credentials>
  </AssumeRoleResult>
</AssumeRoleResponse>
`;
}

/** Returns an error in the format of STS. */
export function stsErrorXml(code: string, message = 'as AWS says it'): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>${code}</Code>
    <Message>${message}</Message>
  </Error>
  <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
</ErrorResponse>
`;
}
