/**
 * Environment variables that the AWS SDKs read, and podrole's own.
 *
 * [sdk]  AWS SDKs and Tools Reference Guide, "Assume role credential provider" and "Container credential
 *        provider"
 */

/** Environment variables that the SDKs read. [sdk] */
export const ENV = {
  roleArn: 'AWS_ROLE_ARN',
  webIdentityTokenFile: 'AWS_WEB_IDENTITY_TOKEN_FILE',
  roleSessionName: 'AWS_ROLE_SESSION_NAME',
  stsRegionalEndpoints: 'AWS_STS_REGIONAL_ENDPOINTS',
  defaultRegion: 'AWS_DEFAULT_REGION',
  region: 'AWS_REGION',
  containerCredentialsFullUri: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  containerCredentialsRelativeUri: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  containerAuthorizationToken: 'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  containerAuthorizationTokenFile: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  /** podrole's own: name of the pod, from the downward API. The session name is made from it. */
  podName: 'PODROLE_POD_NAME',
  /**
   * podrole's own: UID of the pod, from the downward API. It makes the path of the container credentials
   * unguessable.
   */
  podUid: 'PODROLE_POD_UID',
  /** podrole's own: topology labels of the pod, from the downward API; empty if it does not have them. */
  topologyRegion: 'PODROLE_TOPOLOGY_REGION',
  topologyZone: 'PODROLE_TOPOLOGY_ZONE',
} as const;

/** Value of AWS_STS_REGIONAL_ENDPOINTS that asks for the endpoint of the region. [sdk] */
export const STS_REGIONAL = 'regional';

/** Variables that set another endpoint of STS, and the CA certificates to trust. [sdk] */
export const STS_ENDPOINT_ENV = {
  endpointUrlSts: 'AWS_ENDPOINT_URL_STS',
  endpointUrl: 'AWS_ENDPOINT_URL',
  caBundle: 'AWS_CA_BUNDLE',
} as const;
