/**
 * What SDKs ask of instance metadata and of container credentials: addresses, paths and limits, each with its source.
 *
 * [sdk]  AWS SDKs and Tools Reference Guide, "Container credential provider", "IMDS credential provider"
 */

/** EC2 instance metadata: EC2 User Guide, "Use the Instance Metadata Service"; the variable is that of the SDKs. [sdk] */
export const INSTANCE_METADATA = {
  endpointVariable: 'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  defaultEndpoint: 'http://169.254.169.254',
  tokenPath: '/latest/api/token',
  identityDocumentPath: '/latest/dynamic/instance-identity/document',
  tokenHeader: 'X-aws-ec2-metadata-token',
  tokenTtlHeader: 'X-aws-ec2-metadata-token-ttl-seconds',
} as const;

/** What the sidecar emulates of EC2 instance metadata. EC2 User Guide, "Use the Instance Metadata Service" and "Instance metadata categories" */
export const METADATA_TOKEN_TTL_SECONDS = { min: 1, max: 21_600 } as const;

/**
 * Where the SDKs look for credentials without being told: instance metadata, and the endpoint that
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is relative to. EC2 User Guide, "Access instance metadata"; [sdk]
 */
export const METADATA_ADDRESS = {
  instanceIpv4: '169.254.169.254',
  instanceIpv6: 'fd00:ec2::254',
  container: '169.254.170.2',
} as const;

/** Where the EKS Pod Identity Agent answers; SDKs take these addresses in AWS_CONTAINER_CREDENTIALS_FULL_URI. [sdk] */
export const POD_IDENTITY_ADDRESS = { ipv4: '169.254.170.23', ipv6: 'fd00:ec2::23' } as const;

export const METADATA_PORT = 80;

/**
 * Path of the container credentials, the same below loopback (FULL_URI) and below 169.254.170.2 (RELATIVE_URI). It holds no role: a sidecar
 * has one role, and the path stays as it is when the pod's role changes. It is the path of the EKS Pod Identity Agent too.
 */
export const SIDECAR_CREDENTIALS_PATH = '/v1/credentials';

/**
 * A path of container credentials that nobody guesses: below the path above, with at least as many characters as 16 random bytes have in
 * base64url. What kubelet did not expand (`$(NAME)`) does not match.
 */
export const SECRET_CREDENTIALS_PATH = /^\/v1\/credentials\/[\w~.-]{22,200}$/;
