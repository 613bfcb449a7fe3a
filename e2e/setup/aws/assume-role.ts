import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type AwsCredentials, type AwsServer, clientOptions } from '../../aws/aws-server.ts';

/**
 * Exchanges a token with an unmodified SDK.
 * @returns the session's credentials
 * @throws the SDK's error when the server refuses
 */
export async function assumeRole(
  server: AwsServer,
  RoleArn: string,
  WebIdentityToken: string,
): Promise<AwsCredentials> {
  const sts = new STSClient(clientOptions(server));
  const { Credentials } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'e2e', WebIdentityToken }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
