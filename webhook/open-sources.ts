import { NO_CONTAINER_CREDENTIALS } from '../identity/container-credentials-config.ts';
import { completeIdentitySettings } from '../identity/settings/complete-settings.ts';
import type { WarningReporter } from '../kubernetes/events/report-warnings.ts';
import { PodroleError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { opensslCiphers } from '../lib/tls/cipher-suites.ts';
import type { TlsLimits } from '../lib/tls/serving-certificate.ts';
import type { AdmissionFacts } from './admission.ts';
import { openCertificate } from './certificates/open-certificate.ts';
import type { CertificateSource } from './certificates/source.ts';
import { openEvents } from './events/open-events.ts';
import type { WebhookSettings } from './settings.ts';
import {
  type ContainerCredentialsFile,
  followContainerCredentials,
} from './sources/container-credentials-file.ts';
import { openIdentityFacts } from './sources/open-facts.ts';
import { followPolicyFile, NO_POLICY_FILE } from './sources/policy-file.ts';
import type { MeasuredSurroundings, Stops } from './surroundings.ts';
import { type ClientAuthority, loadClientAuthority } from './tls/client-authority.ts';

/** Everything that the server loads before it listens, and follows from then on. */
export interface OpenedSources {
  readonly tlsLimits: TlsLimits;
  /** CA of the client certificates; undefined: everybody may connect. */
  readonly clientAuthority: ClientAuthority | undefined;
  readonly certificate: CertificateSource;
  readonly facts: AdmissionFacts;
  /** Reports warnings to the owners of pods. */
  readonly events: WarningReporter;
  /** Returns what is still missing. */
  readonly notReady: () => readonly string[];
}

/**
 * Opens the sources that the settings name.
 * @param stops gets what stops each of them, also if a later one fails
 * @throws PodroleError with every fault of the settings, or of what they name
 */
export async function openSources(
  settings: WebhookSettings,
  surroundings: MeasuredSurroundings,
  stops: Stops,
): Promise<OpenedSources> {
  const { logger, env, random, metrics } = surroundings;
  const { rolePolicyFile } = settings;
  const tlsLimits = tlsLimitsOf(settings);
  const clientAuthority = await openClientAuthority(settings, logger);
  const certificate = await openCertificate(settings, tlsLimits, surroundings);
  stops.push(() => certificate.stop());
  const identitySettings = await completeIdentitySettings(settings, env, fetch);
  const credentials = await openContainerCredentials(settings, logger);
  stops.push(() => credentials.stop());
  const policy =
    rolePolicyFile === undefined
      ? NO_POLICY_FILE
      : followPolicyFile(rolePolicyFile, { logger, count: metrics.policyLoaded });
  stops.push(() => policy.stop());
  const identities = await openIdentityFacts(settings, identitySettings, surroundings);
  stops.push(() => identities.stop());
  const { namespaces } = identities;
  const events = await openEvents(settings, surroundings);
  stops.push(() => events.stop());
  return {
    tlsLimits,
    clientAuthority,
    certificate,
    facts: {
      settings: identitySettings,
      serviceAccounts: identities.serviceAccounts,
      containerCredentials: () => credentials.current(),
      configMap: () => identities.configMap(),
      rules: namespaces && { settings, namespaces, policy: policy.current },
      random,
    },
    events,
    notReady: () => [...certificate.notReady(), ...identities.notReady()],
  };
}

async function openClientAuthority(
  { clientCa, clientName }: WebhookSettings,
  logger: Logger,
): Promise<ClientAuthority | undefined> {
  if (clientCa !== undefined) return loadClientAuthority(clientCa, logger);
  if (clientName.length === 0) return undefined;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: '--client-name',
    problem: 'is set, but no client is asked for its certificate',
    remedy: 'set --client-ca too',
  });
}

function tlsLimitsOf({ tlsMinVersion, tlsCipherSuites }: WebhookSettings): TlsLimits {
  const ciphers = opensslCiphers(tlsCipherSuites);
  const minVersion = tlsMinVersion === 'VersionTLS13' ? 'TLSv1.3' : 'TLSv1.2';
  return ciphers === undefined ? { minVersion } : { minVersion, ciphers };
}

async function openContainerCredentials(
  { watchContainerCredentialsConfig: path }: WebhookSettings,
  logger: Logger,
): Promise<ContainerCredentialsFile> {
  if (path !== undefined) return followContainerCredentials(path, logger);
  return { current: () => NO_CONTAINER_CREDENTIALS, stop: () => {} };
}
