import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Protocol of an SDK for instance metadata: v1 sends requests without a token, v2 with a token. */
type Imds = 'v1' | 'v2';

/** An unmodified SDK, or a program that contains one, and the command that runs a client of it. */
export interface Sdk {
  readonly name: string;
  readonly imds: Imds;
  /** Support for AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI. */
  readonly relativeUri: boolean;
  readonly fullUri: boolean;
  /**
   * It uses credentials from instance metadata that are about to expire for ten more minutes, in case the
   * service is down. A test cannot wait for its next request. botocore 1.44, utils.py, _evaluate_expiration
   */
  readonly keepsExpiring?: true;
  /** A command that gets the object once and ends; the others get it for each line on stdin. */
  readonly isOneShot?: true;
  /**
   * Returns the command that prints an object of a bucket with the default credentials; `home` is an empty
   * folder.
   */
  readonly command: (object: S3Object, home: string) => readonly string[];
  /** Variables, besides those of the region, that point it to the S3 of the test. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface S3Object {
  /** URL of the S3, without a trailing slash. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly key: string;
}

const V1_ALONE = { imds: 'v1', relativeUri: false, fullUri: false } as const;
const V1 = { imds: 'v1', relativeUri: true, fullUri: true } as const;
const V2 = { imds: 'v2', relativeUri: true, fullUri: true } as const;

/**
 * Returns the SDKs that e2e/sdks/install installs, oldest first in each language.
 * @param folderOf returns the folder of an SDK by its name in the installer
 */
export function sdksIn(folderOf: (name: string) => string): readonly Sdk[] {
  const npm = (version: string) => ({
    name: `JavaScript aws-sdk ${version}`,
    command: program(process.execPath, client('javascript-v2/client.cjs'), `aws-sdk-${version}`),
    env: { NODE_PATH: path.join(folderOf('javascript-v2'), 'node_modules') },
  });
  const python = (name: string, version: string) => ({
    name: `${name} ${version}`,
    command: program(path.join(folderOf(`${name}-${version}`), 'bin/python'), client(`${name}/client.py`)),
  });
  const go = (name: string, binary: string) => program(path.join(folderOf(name), binary));
  const java = (name: string) => (object: S3Object, home: string) => {
    const folder = folderOf(name);
    // The JVM takes the home folder from the user database; optimised compilation costs more time than it
    // saves.
    const options = [`-Duser.home=${home}`, '-XX:TieredStopAtLevel=1'];
    return ['java', ...options, '-cp', `${folder}:${folder}/lib/*`, 'Client', ...positional(object)];
  };
  return [
    { ...npm('2.4.0'), ...V1_ALONE },
    { ...npm('2.493.0'), ...V1 },
    { ...npm('2.1693.0'), ...V2 },
    {
      name: 'JavaScript @aws-sdk/client-s3 3',
      ...V2,
      command: program(process.execPath, client('javascript-v3/client.mjs')),
    },
    { ...python('boto', '2.49.0'), ...V1_ALONE },
    { ...python('boto3', '1.9.199'), ...V1 },
    { ...python('boto3', '1.44.8'), ...V2, keepsExpiring: true },
    { name: 'awscli 2 of Debian', ...V2, isOneShot: true, command: awscli },
    { name: 'aws-sdk-go 1.20.0', ...V1, command: go('go-v1', '1.20.0') },
    { name: 'aws-sdk-go 1.55.8', ...V2, command: go('go-v1', '1.55.8') },
    { name: 'aws-sdk-go-v2', ...V2, command: go('go-v2', 'client') },
    { name: 'aws-sdk-java 1.11.600', ...V1, command: java('java-v1') },
    { name: 'aws-sdk-java 2.31.0', ...V2, command: java('java-v2') },
    { name: 's3cmd of Debian', ...V2, relativeUri: false, fullUri: false, isOneShot: true, command: s3cmd },
    { name: 'rclone of Debian', ...V2, isOneShot: true, command: rclone },
    {
      name: 'Ruby aws-sdk-core of Debian',
      ...V2,
      fullUri: false,
      command: program('/usr/bin/ruby', client('ruby/client.rb')),
    },
  ];
}

function client(file: string): string {
  return fileURLToPath(new URL(`clients/${file}`, import.meta.url));
}

function positional({ endpoint, bucket, key }: S3Object): readonly string[] {
  return [endpoint, bucket, key];
}

function program(...start: readonly string[]) {
  return (object: S3Object): readonly string[] => [...start, ...positional(object)];
}

// Debian's own interpreters: another one that comes first on PATH does not have these SDKs.
function awscli({ endpoint, bucket, key }: S3Object): readonly string[] {
  return ['/usr/bin/aws', 's3', 'cp', `s3://${bucket}/${key}`, '-', '--endpoint-url', endpoint];
}

function s3cmd({ endpoint, bucket, key }: S3Object): readonly string[] {
  const { host } = new URL(endpoint);
  const options = ['--config', '/dev/null', '--no-ssl', `--host=${host}`, `--host-bucket=${host}`, '--quiet'];
  return ['/usr/bin/s3cmd', ...options, 'get', `s3://${bucket}/${key}`, '-'];
}

function rclone({ endpoint, bucket, key }: S3Object): readonly string[] {
  const options = ['--config', '/dev/null', '--retries', '1', '--low-level-retries', '1'];
  const remote = `:s3,provider=Other,env_auth=true,endpoint="${endpoint}":${bucket}/${key}`;
  return ['/usr/bin/rclone', ...options, 'cat', remote];
}
