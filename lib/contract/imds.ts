/**
 * Addresses, paths and limits of the instance metadata and of the container credentials that SDKs fetch.
 *
 * [sdk]  AWS SDKs and Tools Reference Guide, "Container credential provider", "IMDS credential provider"
 */

/**
 * Names of EC2 instance metadata. EC2 User Guide, "Use the Instance Metadata Service"; the environment
 * variable: [sdk]
 */
export const INSTANCE_METADATA = {
  endpointVariable: 'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  defaultEndpoint: 'http://169.254.169.254',
  tokenPath: '/latest/api/token',
  identityDocumentPath: '/latest/dynamic/instance-identity/document',
  tokenHeader: 'X-aws-ec2-metadata-token',
  tokenTtlHeader: 'X-aws-ec2-metadata-token-ttl-seconds',
} as const;

/**
 * Lifetime of a session token of instance metadata, in seconds. EC2 User Guide, "Use the Instance Metadata
 * Service"
 */
export const METADATA_TOKEN_TTL_SECONDS = { min: 1, max: 21_600 } as const;

/**
 * Addresses that SDKs use without any configuration of an address. `container` is the host that
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is relative to. EC2 User Guide, "Access instance metadata"; [sdk]
 */
export const METADATA_ADDRESS = {
  instanceIpv4: '169.254.169.254',
  instanceIpv6: 'fd00:ec2::254',
  container: '169.254.170.2',
} as const;

/**
 * Addresses of the EKS Pod Identity Agent. SDKs accept them in AWS_CONTAINER_CREDENTIALS_FULL_URI. [sdk]
 */
export const POD_IDENTITY_ADDRESS = { ipv4: '169.254.170.23', ipv6: 'fd00:ec2::23' } as const;

export const METADATA_PORT = 80;
