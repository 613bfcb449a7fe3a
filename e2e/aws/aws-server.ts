/** A third-party AWS server on loopback: S3, IAM and STS at one address. */
export interface AwsServer {
  /** Without a trailing slash. */
  readonly url: string;
  /** Account of the roles: twelve digits, the tenant of a Ceph, or empty. */
  readonly account: string;
  /** Credentials of the administrator. */
  readonly credentials: AwsCredentials;
  stop(): Promise<void>;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Both servers use it only to check the signature, but every SDK needs one. */
const REGION = 'us-east-1';

/** Options that lead a client of an AWS SDK to the server. */
export function clientOptions({ url, credentials }: AwsServer, own: AwsCredentials = credentials) {
  return { endpoint: url, region: REGION, credentials: own, maxAttempts: 1 };
}

/**
 * Variables that lead an unmodified SDK or the AWS CLI to the server, in any program.
 * @param url address that the program uses for the server, for example that of a proxy
 */
export function awsEnvironment(
  { url: itsUrl, credentials }: AwsServer,
  url = itsUrl,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_IAM: url,
    AWS_ENDPOINT_URL_STS: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}
