import { stsEndpoint } from '../../credentials/exchange/sts-endpoint.ts';
import { parseRoleArn } from '../../lib/arn.ts';
import { systemClock } from '../../lib/clock.ts';
import { STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { PodroleError } from '../../lib/errors.ts';
import { renderForPrograms } from '../../lib/for-programs.ts';
import { regionOfPartition } from '../../lib/region-of-partition.ts';
import type { Env, Output } from '../../lib/surroundings.ts';
import { dateWithoutMilliseconds } from '../../lib/text/date-without-milliseconds.ts';
import { printable } from '../../lib/text/printable.ts';
import type { WhoamiReport } from '../report.ts';
import { createStepRecorder, type StepRecorder } from '../step-recorder.ts';
import { askMetadata, type MetadataVersion } from './ask-metadata.ts';
import { callerIdentity } from './caller-identity.ts';
import { type CredentialSource, findSource, otherSources } from './find-source.ts';
import { describeSource, obtainCredentials } from './obtain-credentials.ts';
import { renderWhoami } from './render-whoami.ts';
import type { WhoamiSettings } from './settings.ts';
import { writeLine, writeReport } from './write-report.ts';

export interface WhoamiSurroundings extends Output {
  readonly env: Env;
  readonly signal: AbortSignal;
}

/**
 * Runs `podrole whoami`: prints who this process is for AWS.
 * @throws PodroleError with the fault of the step that failed, after the report is printed
 */
export async function runWhoami(settings: WhoamiSettings, surroundings: WhoamiSurroundings): Promise<void> {
  const { stdout, stderr } = surroundings;
  if (settings.probeMetadata !== 'none') return probe(settings.probeMetadata, settings, surroundings);
  const recorder = createStepRecorder(systemClock.monotonicMs);
  let failure: PodroleError | undefined;
  let found: Omit<WhoamiReport, 'steps' | 'faults'> = { notes: [] };
  try {
    found = await ask(settings, surroundings, recorder);
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) throw thrown;
    failure = thrown;
  }
  const report = { ...found, steps: recorder.steps, faults: failure?.faults ?? [] };
  const { output } = settings;
  stdout.write(output === 'text' ? renderWhoami(report) : renderForPrograms(report, output));
  if (output === 'text') for (const note of report.notes) stderr.write(`note: ${printable(note)}\n`);
  // Last, so that a file that cannot be written hides nothing.
  if (settings.reportFile !== undefined) {
    await writeReport(settings.reportFile, report).catch((thrown: unknown) => {
      if (!(thrown instanceof PodroleError)) throw thrown;
      throw new PodroleError([...report.faults, ...thrown.faults]);
    });
  }
  if (failure) throw failure;
}

async function probe(
  version: MetadataVersion,
  { output, reportFile }: WhoamiSettings,
  { stdout, env, signal }: WhoamiSurroundings,
): Promise<void> {
  const answer = await askMetadata(version, env, signal);
  const status = answer.state === 'reachable' ? ` ${answer.status}` : '';
  stdout.write(
    output === 'text'
      ? `instance metadata, ${version}: ${answer.state}${status}\n`
      : renderForPrograms(answer, output),
  );
  if (reportFile !== undefined) await writeLine(reportFile, JSON.stringify(answer));
}

async function ask(
  settings: WhoamiSettings,
  { env, signal }: WhoamiSurroundings,
  recorder: StepRecorder,
): Promise<Omit<WhoamiReport, 'steps' | 'faults'>> {
  const source = await recorder.run(
    'source',
    async () => findSource(settings.source, env),
    (found) => describeSource(found),
  );
  const region = settings.region ?? regionOf(source);
  const endpoint = stsEndpoint(region, env);
  const credentials = await recorder.run(
    'credentials',
    () => obtainCredentials(source, { endpoint, env, now: systemClock.now, signal }),
    () => (source.kind === 'web-identity' ? `from STS ${endpoint.origin}` : 'obtained'),
  );
  const identity = await recorder.run(
    'identity',
    () => callerIdentity(credentials, { region, endpoint, env, signal }),
    (caller) => caller?.arn ?? `STS ${endpoint.origin} names no caller`,
  );
  return {
    ...(identity && { identity }),
    source: describeSource(source),
    ...(credentials.expiration && { expiration: dateWithoutMilliseconds(credentials.expiration) }),
    notes: notesOn(settings, source, env),
  };
}

function regionOf(source: CredentialSource): string {
  const partition = source.kind === 'web-identity' ? parseRoleArn(source.roleArn)?.partition : undefined;
  return regionOfPartition(partition);
}

function notesOn(settings: WhoamiSettings, source: CredentialSource, env: Env): readonly string[] {
  const others = settings.source === 'auto' ? otherSources(source.kind, env) : [];
  const hasEndpoint = env[STS_ENDPOINT_ENV.endpointUrlSts] || env[STS_ENDPOINT_ENV.endpointUrl];
  return [
    ...(others.length > 0 ? [`also set up: ${others.join(', ')}; an SDK with another order uses these`] : []),
    ...(settings.region === undefined && !hasEndpoint
      ? [`AWS_REGION is not set, and many SDKs need it; this asked STS in ${regionOf(source)}`]
      : []),
  ];
}
