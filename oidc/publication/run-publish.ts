import { lookup } from 'node:dns/promises';
import { systemClock } from '../../lib/clock.ts';
import { type ProgramFormat, renderForPrograms } from '../../lib/for-programs.ts';
import type { Env, Output, Progress, SignalHandling } from '../../lib/surroundings.ts';
import { bundledAuthorities } from '../../lib/tls/authorities.ts';
import { throwIfStopped } from '../targets/interruptible.ts';
import type { IssuerEndpoint } from '../verify/fetch-answer.ts';
import { type EndpointSettings, readIssuerEndpoint } from '../verify/issuer-endpoint.ts';
import { type Check, verifyPublication } from '../verify/verify-publication.ts';
import { openPublication, type PublicationSettings } from './open-publication.ts';
import { applyPublication, type PublicationPlan, planPublication } from './publish.ts';
import { isVerified, type PublicationReport, renderDiff, renderText, reportForPrograms } from './report.ts';

/** Settings of one publication, which is fetched back afterwards. */
export interface PublishSettings extends PublicationSettings, EndpointSettings {
  readonly createBucket: boolean;
  readonly dryRun: boolean;
  readonly output: 'text' | ProgramFormat;
  readonly verify: boolean;
  readonly verifyTimeout: number;
}

export interface PublishSurroundings extends Output, Pick<SignalHandling, 'signal' | 'deferSignals'> {
  readonly env: Env;
  /** Left out: nobody reads it. */
  readonly progress?: Progress;
  /** Returns the SHA-1 thumbprint that IAM needs for the issuer's certificate. */
  readonly servedThumbprint: (
    issuer: string,
    signal: AbortSignal,
    way: { readonly env: Env; readonly connectTo?: IssuerEndpoint['connectTo'] },
  ) => Promise<string>;
}

/**
 * Runs `podrole publish --to`: reads, decides, writes, fetches back.
 * @returns whether the public documents are what STS needs; true for a dry run
 * @throws PodroleError with all faults; nothing was written then, unless writing itself failed
 */
export async function runPublish(
  settings: PublishSettings,
  surroundings: PublishSurroundings,
): Promise<boolean> {
  const { stdout, stderr, env, signal, deferSignals, progress } = surroundings;
  const endpoint = readIssuerEndpoint(settings, env);
  const onBucketMade = (line: string) => stderr.write(`${line}\n`);
  const publication = await openPublication(settings, env, () => new Date(), {
    changes: 'finish',
    ...(settings.createBucket && { onBucketMade }),
  });
  try {
    const plan = await planPublication(await publication.request(signal));
    if (settings.x5c && plan.published.jwks.keys.length > 1) {
      stderr.write(
        'note: Ceph radosgw 16 verifies only with the first key of a set: it refuses tokens of the other keys\n',
      );
    }
    const { output } = settings;
    const render = (report: PublicationReport) =>
      output === 'text' ? renderText(report) : renderForPrograms(reportForPrograms(report), output);
    if (settings.dryRun) {
      const isText = output === 'text' && plan.writes.length > 0;
      stdout.write(isText ? renderDiff(plan) : render({ plan, written: undefined, checks: undefined }));
      return true;
    }
    const onWritten = (done: number) => progress?.show('writing documents', done, plan.writes.length);
    const { plan: carriedOut, written } = await deferSignals(() => applyPublication(plan, onWritten));
    const checks =
      settings.verify && !signal.aborted
        ? await verify(carriedOut, settings, endpoint, surroundings)
        : undefined;
    stdout.write(render({ plan: { ...carriedOut, keys: plan.keys }, written, checks }));
    if (settings.verify) throwIfStopped(signal, 'verification of the publication');
    return isVerified(checks);
  } finally {
    publication.close();
  }
}

async function verify(
  { request: { issuer }, published }: PublicationPlan,
  { verifyTimeout }: PublishSettings,
  endpoint: Omit<IssuerEndpoint, 'issuer'>,
  { stderr, env, signal, progress, servedThumbprint }: PublishSurroundings,
): Promise<readonly Check[]> {
  progress?.clear();
  progress?.show('verifying the publication');
  stderr.write(`fetching the documents of ${issuer} as STS does\n`);
  return verifyPublication({
    endpoint: { ...endpoint, issuer },
    expected: published,
    timeoutMs: verifyTimeout,
    clock: systemClock,
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    thumbprint: () => servedThumbprint(issuer, signal, { env, connectTo: endpoint.connectTo }),
    publicAuthorities: bundledAuthorities,
    signal,
  });
}
