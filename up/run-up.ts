import { applySteps } from '../bind/apply/apply.ts';
import { reportChanges } from '../bind/apply/carry-out.ts';
import { countChanges } from '../bind/apply/count-changes.ts';
import { thumbprintFaults } from '../bind/ask/thumbprint.ts';
import { findAccount } from '../bind/iam/find-account.ts';
import type { BindSurroundings } from '../bind/surroundings.ts';
import { withIamAndCluster } from '../bind/with-iam-and-cluster.ts';
import type { ApiClient } from '../kubernetes/api-client.ts';
import { clusterNames } from '../kubernetes/connect.ts';
import { systemClock } from '../lib/clock.ts';
import { DEFAULT_ANNOTATION_PREFIX } from '../lib/contract/aws-webhook.ts';
import { throwIfAny } from '../lib/errors.ts';
import { renderForPrograms } from '../lib/for-programs.ts';
import type { Outcome } from '../lib/outcome.ts';
import { painter } from '../lib/text/paint.ts';
import { printable } from '../lib/text/printable.ts';
import { openPublication } from '../oidc/publication/open-publication.ts';
import { apiServerKeys } from '../oidc/sources/api-server-keys.ts';
import { readIssuerEndpoint } from '../oidc/verify/issuer-endpoint.ts';
import { desiredObjects } from './install/desired-objects.ts';
import { installManifest } from './install/manifest.ts';
import { judgeOtherWebhooks } from './install/other-webhooks.ts';
import { planObjects } from './install/plan-objects.ts';
import { readWebhook } from './install/read-webhook.ts';
import { waitForWebhook } from './install/rollout.ts';
import { checkIssuer, readClusterFacts } from './issuer/check-issuer.ts';
import { planProviderPart } from './plan-provider-part.ts';
import {
  expectPublished,
  type PublicationTools,
  planDocuments,
  publishDocuments,
} from './publication/publication-part.ts';
import { describeUp, renderUp, stepsOf, type UpPlan } from './report/report.ts';
import { checkUpSettings, type UpSettings } from './settings.ts';

/**
 * Runs `podrole up`. Everything is read and judged before the first change.
 * @throws PodroleError with what the plan stops at, and with the failure of a step; a next run does the rest
 */
export async function runUp(settings: UpSettings, surroundings: BindSurroundings): Promise<Outcome> {
  const { stdout, stderr, isColored, progress, env, signal, deferSignals } = surroundings;
  checkUpSettings(settings);
  throwIfAny(thumbprintFaults(settings.thumbprint));
  const way = readIssuerEndpoint(settings, env);
  const isText = settings.output === 'text';
  const say = (line: string) => {
    if (!isText) return;
    progress.clear();
    stderr.write(`${printable(line)}\n`);
  };
  return withIamAndCluster(settings, env, async ({ iam, cluster: open }) => {
    const cluster = open();
    const facts = await readClusterFacts(cluster, signal);
    checkIssuer(facts, settings, env, (line) => {
      progress.clear();
      if (isText) stdout.write(`${printable(line)}\n`);
    });
    const endpoint = { ...way, issuer: facts.issuer };
    const tools: PublicationTools = { settings, endpoint, env, signal };
    const publication =
      settings.to === undefined
        ? undefined
        : await openPublication(
            { ...settings, issuer: undefined, keyFile: [], jwks: undefined },
            env,
            systemClock.now,
            { changes: 'finish', ...(settings.createBucket && { onBucketMade: say }) },
          );
    try {
      if (!publication) await expectPublished(apiServerKeys(cluster), tools);
      const documents = publication && (await planDocuments(publication, tools));
      const isServed = (documents?.writes ?? []).length === 0;
      const account = await findAccount(settings, env, iam);
      const providerTools = { iam, account, thumbprints: settings.thumbprint, endpoint, env, signal };
      const provider = await planProviderPart(providerTools, isServed);
      const webhook = settings.webhook ? await planWebhook(settings, cluster, signal) : undefined;
      throwIfAny([...provider.faults, ...(webhook?.faults ?? [])]);
      const plan: UpPlan = {
        target: {
          cluster: { ...clusterNames(settings, env), version: facts.version },
          account,
          issuer: facts.issuer,
        },
        publication: documents,
        isVerified: settings.verify,
        provider,
        webhook,
      };
      const todo = settings.approve ? 'making them' : 'give --approve to make them';
      const planned = stepsOf(plan);
      progress.clear();
      if (isText) {
        const paint = painter(isColored.stdout);
        stdout.write(renderUp(plan, { todo, details: settings.details, paint }));
      }
      if (settings.approve) {
        await deferSignals(async () => {
          const done = reportChanges(planned.length, say, progress);
          if (documents) await publishDocuments(documents, done, tools);
          // The certificate of the issuer may have been out of reach until now.
          const served = isServed ? provider : await planProviderPart(providerTools, true);
          throwIfAny(served.faults);
          await applySteps([...served.steps, ...(webhook?.steps ?? [])], { iam, cluster, signal, say: done });
          const made = countChanges(planned, 'made');
          if (made.length > 0) say(`Done: ${made.join(', ')}`);
        });
        if (webhook && settings.wait) {
          await waitForWebhook({
            cluster,
            timeoutMs: settings.timeout,
            clock: systemClock,
            signal,
            progress,
          });
        }
      }
      progress.clear();
      if (isText && (settings.approve || planned.length === 0)) stdout.write(NEXT);
      if (settings.output !== 'text')
        stdout.write(renderForPrograms(describeUp(plan, settings.approve), settings.output));
      return !settings.exitCode || settings.approve || planned.length === 0 ? 'done' : 'changes';
    } finally {
      publication?.close();
    }
  });
}

const NEXT = `next: podrole bind --namespace NAMESPACE NAME --attach-policy-arn ARN --approve
then: podrole test --namespace NAMESPACE NAME
`;

async function planWebhook(settings: UpSettings, cluster: ApiClient, signal: AbortSignal) {
  const live = await readWebhook(cluster, signal);
  const { image } = settings;
  const options = { image, settings: askedSettings(settings), servesPolicies: live.servesPolicies };
  const desired = desiredObjects(installManifest(), options, live);
  const prefix = desired.settings['PODROLE_ANNOTATION_PREFIX'] ?? DEFAULT_ANNOTATION_PREFIX;
  const { faults, notes } = judgeOtherWebhooks(live.configurations, live.deployment, prefix);
  throwIfAny(faults);
  const plan = await planObjects(desired.objects, settings.forceConflicts, cluster, signal);
  return { ...plan, notes: [...notes, ...desired.notes, ...plan.notes] };
}

/** Returns the variables of the webhook that flags of this run set. */
function askedSettings(settings: UpSettings): Readonly<Record<string, string>> {
  const asked = {
    PODROLE_AWS_REGION: settings.awsDefaultRegion,
    PODROLE_ANNOTATION_PREFIX: settings.annotationPrefix,
    PODROLE_POD_ROLE_ANNOTATION: settings.podRoleAnnotation,
    PODROLE_BASE_ROLE_ARN: settings.baseRoleArn,
    PODROLE_POLICY: settings.policy,
  };
  return Object.fromEntries(
    Object.entries(asked).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}
