/** Names of packages by which an SDK is known. */
export type SdkPackage =
  | 'awscli'
  | 'boto3'
  | 'botocore'
  | 'boto'
  | 'aws-sdk-go'
  | 'aws-sdk-go-v2'
  | 'aws-java-sdk'
  | 'aws-java-sdk 2'
  | 'aws-sdk'
  | '@aws-sdk'
  | 'aws-sdk-ruby'
  | 'aws-sdk-php'
  | 'AWSSDK.Core'
  | 'aws-sdk-cpp'
  | 's3cmd'
  | 'rclone';

/** Needs of an SDK, by its version: a row of docs/sdk-versions.md. */
export interface SdkVersions {
  /** Name on that page. */
  readonly name: string;
  /** First version that knows web identity, by package; `none`: no version does. */
  readonly webIdentityFrom: Readonly<Partial<Record<SdkPackage, string>>>;
  /** Mode of the sidecar that older versions need; undefined if that is not known. */
  readonly olderNeed: 'credentials' | 'metadata' | undefined;
  /** Cells of that page, if they are more than the version above. */
  readonly cells: { readonly webIdentity?: string; readonly imdsv2: string; readonly older?: string };
}

/**
 * First versions that AWS documents. [sdk] "Assume role with web identity"; those of s3cmd and rclone are the
 * oldest that podrole's tests run, in e2e/sdks.
 */
export const SDK_VERSIONS: readonly SdkVersions[] = [
  {
    name: 'AWS CLI',
    webIdentityFrom: { awscli: '1.16.232' },
    olderNeed: 'credentials',
    cells: { webIdentity: '1.16.232, and every 2.x', imdsv2: '1.16.289' },
  },
  {
    name: 'boto3, botocore',
    webIdentityFrom: { boto3: '1.9.220', botocore: '1.12.200' },
    olderNeed: 'credentials',
    cells: { imdsv2: '1.12.6, 1.13.25', older: '`credentials`, tested with boto3 1.9.199' },
  },
  {
    name: 'boto 2',
    webIdentityFrom: { boto: 'none' },
    olderNeed: 'metadata',
    cells: { webIdentity: 'no version', imdsv2: 'no version', older: '`metadata`, tested with 2.49.0' },
  },
  {
    name: 'Go v1',
    webIdentityFrom: { 'aws-sdk-go': '1.23.13' },
    olderNeed: 'metadata',
    cells: { imdsv2: '1.25.38', older: '`metadata`, tested with 1.20.0' },
  },
  {
    name: 'Go v2',
    webIdentityFrom: { 'aws-sdk-go-v2': '0' },
    olderNeed: undefined,
    cells: { webIdentity: 'every version', imdsv2: '0.19.0', older: '–' },
  },
  {
    name: 'Java 1',
    webIdentityFrom: { 'aws-java-sdk': '1.12.782' },
    olderNeed: 'credentials',
    cells: { imdsv2: '1.11.678', older: '`credentials`, tested with 1.11.600' },
  },
  {
    name: 'Java 2',
    webIdentityFrom: { 'aws-java-sdk 2': '2.10.11' },
    olderNeed: 'credentials',
    cells: { webIdentity: '2.10.11, with the module `sts` on the classpath', imdsv2: '2.10.21' },
  },
  {
    name: 'JavaScript 2',
    webIdentityFrom: { 'aws-sdk': '2.525.0' },
    olderNeed: 'credentials',
    cells: { imdsv2: '2.722.0', older: '`credentials`, tested with 2.493.0; `metadata` for 2.4.0' },
  },
  {
    name: 'JavaScript 3',
    webIdentityFrom: { '@aws-sdk': '3.27.0' },
    olderNeed: 'credentials',
    cells: { imdsv2: 'every version' },
  },
  {
    name: 'Ruby 3',
    webIdentityFrom: { 'aws-sdk-ruby': '3.58.0' },
    olderNeed: 'metadata',
    cells: { imdsv2: '3.79.0' },
  },
  {
    name: 'PHP 3',
    webIdentityFrom: { 'aws-sdk-php': '3.110.7' },
    olderNeed: 'credentials',
    cells: { imdsv2: '3.147.7' },
  },
  {
    name: '.NET 3',
    webIdentityFrom: { 'AWSSDK.Core': '3.3.659.1' },
    olderNeed: 'credentials',
    cells: { imdsv2: '3.3.634.1' },
  },
  {
    name: 'C++',
    webIdentityFrom: { 'aws-sdk-cpp': '1.7.174' },
    olderNeed: 'credentials',
    cells: { imdsv2: '1.7.229' },
  },
  {
    name: 's3cmd',
    webIdentityFrom: { s3cmd: '2.3.0' },
    olderNeed: undefined,
    cells: { webIdentity: 'tested with 2.3.0', imdsv2: 'tested with 2.3.0', older: 'not tested' },
  },
  {
    name: 'rclone',
    webIdentityFrom: { rclone: '1.60.1' },
    olderNeed: undefined,
    cells: { webIdentity: 'tested with 1.60.1', imdsv2: 'tested with 1.60.1', older: 'not tested' },
  },
];

/** Renders the table of docs/sdk-versions.md. */
export function renderSdkVersions(): string {
  const rows = SDK_VERSIONS.map(({ name, webIdentityFrom, olderNeed, cells }) => {
    const { webIdentity = Object.values(webIdentityFrom).join(', '), imdsv2 } = cells;
    return `| ${name} | ${webIdentity} | ${imdsv2} | ${cells.older ?? `\`${olderNeed}\``} |`;
  });
  const head = ['| SDK | web identity from | IMDSv2 from | older versions need |', '|---|---|---|---|'];
  return [...head, ...rows].join('\n');
}

export interface FoundSdk {
  readonly package: SdkPackage;
  /** Undefined if its files do not say it. */
  readonly version: string | undefined;
  /** For Java 2: true if the module `sts` was found too. */
  readonly hasSts?: boolean;
}

/** Way by which the SDKs of a container get its role. */
export type SdkNeed = 'web identity' | 'sidecar' | 'unknown';

export interface JudgedSdk {
  readonly sdk: FoundSdk;
  readonly needs: SdkNeed;
  /** Mode of the sidecar. */
  readonly mode?: 'credentials' | 'metadata';
}

/** Judges an SDK by its version. One without the files that tell is `unknown`, never good enough. */
export function judgeSdk(sdk: FoundSdk): JudgedSdk {
  const row = SDK_VERSIONS.find(({ webIdentityFrom }) => webIdentityFrom[sdk.package] !== undefined);
  const from = row?.webIdentityFrom[sdk.package];
  const older: JudgedSdk = row?.olderNeed
    ? { sdk, needs: 'sidecar', mode: row.olderNeed }
    : { sdk, needs: 'unknown' };
  if (from === 'none') return older;
  if (from === undefined || sdk.version === undefined) return { sdk, needs: 'unknown' };
  if (compareVersions(sdk.version, from) < 0) return older;
  return sdk.package === 'aws-java-sdk 2' && !sdk.hasSts ? older : { sdk, needs: 'web identity' };
}

/** Compares versions number by number; a missing one counts as 0. */
function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number));
  for (let at = 0; at < Math.max(a?.length ?? 0, b?.length ?? 0); at += 1) {
    const difference = (a?.[at] ?? 0) - (b?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
