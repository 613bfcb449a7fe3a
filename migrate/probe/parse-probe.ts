import type { FoundSdk, SdkPackage } from './sdk-versions.ts';

/** SDKs of a container, as the script printed them. */
export interface ProbeReport {
  readonly sdks: readonly FoundSdk[];
  /** Reason why SDKs may be missing; undefined if the script ran to its end. */
  readonly gap: string | undefined;
}

/** A container writes the names of its files: more SDKs than this are not a program. */
const MAX_SDKS = 50;

/** Patterns of lines, by the word before the tab. Each has the version as its first group. */
const FILES: readonly (readonly [RegExp, SdkPackage])[] = [
  [/\/botocore-(\d[\d.]*)(?:\.dist-info|\.egg-info|-py)/, 'botocore'],
  [/\/boto3-(\d[\d.]*)(?:\.dist-info|\.egg-info|-py)/, 'boto3'],
  [/\/boto-(\d[\d.]*)(?:\.dist-info|\.egg-info|-py)/, 'boto'],
  [/\/awscli-(\d[\d.]*)(?:\.dist-info|\.egg-info|-py)/, 'awscli'],
  [/\/aws-cli\/v2\/(\d[\d.]*)$/, 'awscli'],
  [/\/s3cmd-(\d[\d.]*)(?:\.dist-info|\.egg-info|-py)/, 's3cmd'],
  [/\/aws-java-sdk-(?:core|bundle)-(\d[\d.]*)\.jar$/, 'aws-java-sdk'],
  [/\/(?:sdk-core|bundle)-(2\.[\d.]*)\.jar$/, 'aws-java-sdk 2'],
  [/\/aws-sdk-core-(\d[\d.]*)\.gemspec$/, 'aws-sdk-ruby'],
  [/\/libaws-cpp-sdk-core\.so()/, 'aws-sdk-cpp'],
  [/\/AWSSDK\.Core\.dll()$/, 'AWSSDK.Core'],
];
const JARS: readonly (readonly [RegExp, SdkPackage])[] = [
  [/^aws-java-sdk-core-(\d[\d.]*)\.jar$/, 'aws-java-sdk'],
  [/^(?:sdk-core|bundle)-(2\.[\d.]*)\.jar$/, 'aws-java-sdk 2'],
  [/^META-INF\/maven\/com\.amazonaws\/aws-java-sdk-core\/pom\.properties()$/, 'aws-java-sdk'],
  [/^META-INF\/maven\/software\.amazon\.awssdk\/sdk-core\/pom\.properties()$/, 'aws-java-sdk 2'],
];
const LINES: Readonly<Record<string, readonly (readonly [RegExp, SdkPackage])[]>> = {
  file: FILES,
  jar: JARS,
  node: [
    [/^"name" *: *"aws-sdk" "version" *: *"(\d[\d.]*)/, 'aws-sdk'],
    [/^"name" *: *"@aws-sdk\/credential-provider-node" "version" *: *"(\d[\d.]*)/, '@aws-sdk'],
  ],
  php: [[/^const VERSION = '(\d[\d.]*)'/, 'aws-sdk-php']],
  net: [[/^AWSSDK\.Core\/(\d[\d.]*)$/, 'AWSSDK.Core']],
  go: [
    [/^dep\tgithub\.com\/aws\/aws-sdk-go\tv(\d[\d.]*)/, 'aws-sdk-go'],
    [/^dep\tgithub\.com\/aws\/aws-sdk-go-v2(?:\/\w+)?\tv(\d[\d.]*)/, 'aws-sdk-go-v2'],
    [/^(?:dep|mod)\tgithub\.com\/rclone\/rclone\tv(\d[\d.]*)/, 'rclone'],
  ],
};
/** Classes of Java 2 without which it skips web identity. */
const STS_OF_JAVA = /(?:^|\/)(?:sts|bundle)-2\.[\d.]+\.jar$/;
const PACKAGES: Readonly<Record<string, SdkPackage>> = {
  rclone: 'rclone',
  s3cmd: 's3cmd',
  awscli: 'awscli',
  'aws-cli': 'awscli',
};

/** Parses the output of the script. Its lines repeat names of files, which the image's author chose. */
export function parseProbe(output: string): ProbeReport {
  const lines = output.split('\n').map(splitLine);
  const texts = (kind: string) => lines.filter((line) => line.kind === kind).map(({ text }) => text);
  const named = lines.flatMap(({ kind, text }) => sdksIn(kind, text));
  const hasSts = [...texts('file'), ...texts('jar')].some((text) => STS_OF_JAVA.test(text));
  const found = new Map<string, FoundSdk>();
  for (const sdk of [...named, ...packagesIn(texts('package'))]) {
    const known = sdk.package === 'aws-java-sdk 2' ? { ...sdk, hasSts } : sdk;
    if (found.size < MAX_SDKS) found.set(`${sdk.package} ${sdk.version}`, known);
  }
  const tools = texts('missing').filter((tool) => TOOL.test(tool));
  return { sdks: withoutNameless([...found.values()]), gap: gapOf(output, tools) };
}

const TOOL = /^[a-z]{1,20}$/;

function splitLine(line: string): { readonly kind: string; readonly text: string } {
  const tab = line.indexOf('\t');
  return { kind: line.slice(0, Math.max(tab, 0)), text: line.slice(tab + 1) };
}

function sdksIn(kind: string, text: string): readonly FoundSdk[] {
  const patterns = Object.hasOwn(LINES, kind) ? (LINES[kind] ?? []) : [];
  return patterns.flatMap(([pattern, name]) => {
    const version = pattern.exec(text)?.[1];
    return version === undefined ? [] : [{ package: name, version: numbersOf(version) }];
  });
}

/** Reads the lists of dpkg and apk: a line with the name of a package, and one with its version. */
function packagesIn(texts: readonly string[]): readonly FoundSdk[] {
  const found: FoundSdk[] = [];
  let name: SdkPackage | undefined;
  for (const text of texts) {
    const [, key = '', value = ''] = /^(Package|P|Version|V): ?(.{1,100})$/.exec(text) ?? [];
    if (key.startsWith('P')) name = Object.hasOwn(PACKAGES, value) ? PACKAGES[value] : undefined;
    else if (key && name) found.push({ package: name, version: numbersOf(value) });
  }
  return found;
}

const NUMBERS = /^\d{1,6}(?:\.\d{1,6}){0,4}/;

function numbersOf(version: string): string | undefined {
  return NUMBERS.exec(version)?.[0];
}

/** A file without a version says nothing new about a package whose version another file says. */
function withoutNameless(sdks: readonly FoundSdk[]): readonly FoundSdk[] {
  const known = new Set(sdks.filter((sdk) => sdk.version !== undefined).map((sdk) => sdk.package));
  return sdks.filter((sdk) => sdk.version !== undefined || !known.has(sdk.package));
}

function gapOf(output: string, missing: readonly string[]): string | undefined {
  if (!output.endsWith('\nend\n') && output !== 'end\n') return 'the script did not run to its end';
  return missing.length > 0 ? `the container does not have ${missing.join(', ')}` : undefined;
}
