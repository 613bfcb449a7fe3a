/** Credentials that were obtained. They are passed on to STS, and never printed. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** Undefined for credentials that do not expire, or whose source does not say when. */
  readonly expiration: Date | undefined;
  /** ARN that STS gave with them. */
  readonly assumedRoleArn?: string | undefined;
}
