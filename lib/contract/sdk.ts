/**
 * Environment variables that the AWS SDKs read, and podrole's own beside them.
 *
 * [sdk]  AWS SDKs and Tools Reference Guide, "Assume role credential provider", "Container credential provider"
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
  /** podrole's own: the pod's name by the downward API, for a session name made of it. */
  podName: 'PODROLE_POD_NAME',
  /** podrole's own: the pod's UID by the downward API, which makes the path of its container credentials unguessable. */
  podUid: 'PODROLE_POD_UID',
  /** podrole's own: the pod's topology labels by the downward API; empty where it has none. */
  topologyRegion: 'PODROLE_TOPOLOGY_REGION',
  topologyZone: 'PODROLE_TOPOLOGY_ZONE',
} as const;

/** Value of AWS_STS_REGIONAL_ENDPOINTS that asks for the endpoint of the region. [sdk] */
export const STS_REGIONAL = 'regional';

/** Variables that lead a client to another STS, and to the authorities of its certificate. [sdk] */
export const STS_ENDPOINT_ENV = {
  endpointUrlSts: 'AWS_ENDPOINT_URL_STS',
  endpointUrl: 'AWS_ENDPOINT_URL',
  caBundle: 'AWS_CA_BUNDLE',
} as const;
