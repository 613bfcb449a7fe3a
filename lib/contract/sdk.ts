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
  /** podrole's own: namespace and ServiceAccount of the pod, from the downward API. */
  namespace: 'PODROLE_NAMESPACE',
  serviceAccount: 'PODROLE_SERVICE_ACCOUNT',
  /**
   * podrole's own: token that a sidecar or the agent exchanges. SDKs do not know it, and so ask the sidecar
   * or the agent.
   */
  tokenFile: 'PODROLE_TOKEN_FILE',
  /** podrole's own: role that the role of the pod assumes. */
  targetRoleArn: 'PODROLE_TARGET_ROLE_ARN',
  /** podrole's own: NO_SESSION_TAGS assumes the target role without session tags. */
  sessionTags: 'PODROLE_SESSION_TAGS',
  /** podrole's own: topology labels of the pod, from the downward API; empty if it does not have them. */
  topologyRegion: 'PODROLE_TOPOLOGY_REGION',
  topologyZone: 'PODROLE_TOPOLOGY_ZONE',
} as const;

/** Value of PODROLE_SESSION_TAGS that switches the session tags off. */
export const NO_SESSION_TAGS = 'false';

/** Variables of keys and profiles. [sdk] */
export const CREDENTIALS_ENV = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  profile: 'AWS_PROFILE',
  credentialsFile: 'AWS_SHARED_CREDENTIALS_FILE',
  configFile: 'AWS_CONFIG_FILE',
} as const;

/**
 * Variables that lead SDKs to other credentials than those of web identity or of a container endpoint. Tried
 * with boto3, and read in the default chains of the SDKs for JavaScript and Go.
 */
export const SHADOWING_ENV = {
  /** Static keys come first in every SDK, the older name in some. A half of a pair is an error in boto3. */
  accessKeys: ['AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY'],
  /**
   * A profile comes before web identity in the SDKs for Go and JavaScript. For boto3 and the AWS CLI one that
   * does not exist is an error, and an empty value is the name of such a profile.
   */
  profiles: ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'],
  /** Keys in a file come before web identity in the SDKs for JavaScript, and before an endpoint in all. */
  credentialsFile: 'AWS_SHARED_CREDENTIALS_FILE',
} as const;

/** Value of AWS_STS_REGIONAL_ENDPOINTS that asks for the endpoint of the region. [sdk] */
export const STS_REGIONAL = 'regional';

/** Variables that set another endpoint of STS, and the CA certificates to trust. [sdk] */
export const STS_ENDPOINT_ENV = {
  endpointUrlSts: 'AWS_ENDPOINT_URL_STS',
  endpointUrl: 'AWS_ENDPOINT_URL',
  caBundle: 'AWS_CA_BUNDLE',
} as const;

/** Variable that sets another endpoint of S3. [sdk] */
export const S3_ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL_S3';

/**
 * Variable that names a file of CA certificates, for Node programs: those of the JavaScript SDKs and podrole
 * itself. Node adds them to the public ones. The other SDKs that read a variable read AWS_CA_BUNDLE, and
 * trust only the certificates in its file: boto3, AWS CLI, Go v1 and v2, Ruby. Node.js, "Command-line API";
 * sources of these SDKs, August 2026
 */
export const NODE_CA_VARIABLE = 'NODE_EXTRA_CA_CERTS';

/** Variables that select another kind of endpoint. [sdk] */
export const ENDPOINT_KIND_ENV = {
  useFips: 'AWS_USE_FIPS_ENDPOINT',
  useDualstack: 'AWS_USE_DUALSTACK_ENDPOINT',
} as const;

/** Variables that name the proxies, each in both of its forms. */
export const PROXY_ENV = {
  https: ['HTTPS_PROXY', 'https_proxy'],
  http: ['HTTP_PROXY', 'http_proxy'],
  none: ['NO_PROXY', 'no_proxy'],
} as const;
