import { exchangeToken } from '../../credentials/exchange/exchange.ts';
import type { StsAddress } from '../../credentials/exchange/sts-address.ts';
import { exchangeByHost } from '../../credentials/host/exchange-by-host.ts';
import type { OwnEndpoints } from '../../credentials/host/own-endpoint.ts';
import { tokenRemedies } from '../../credentials/host/token-remedies.ts';
import type { Exchange } from '../../credentials/pool/exchange-once.ts';
import { sessionNameFor } from '../../credentials/session-name.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { ContainerGrant } from '../roles/container-grant.ts';
import { sessionTagsOf } from './session-tags.ts';

export interface ContainerExchangeOptions {
  /** STS of the host. Nothing of a container leads to another one. */
  readonly sts: StsAddress & { readonly durationSeconds: number };
  readonly region: string;
  /** File of a web identity token; undefined: the host's own credentials assume the roles. */
  readonly tokenFile: string | undefined;
  /**
   * True to assume roles with tags of the container. A token is exchanged without tags: it may have its own.
   */
  readonly hasSessionTags: boolean;
  /** Environment of this process, which the AWS SDK reads by itself too. */
  readonly env: Env;
  /** Ports and addresses of podrole itself, where the host's own credentials cannot come from. */
  readonly own: OwnEndpoints;
  readonly clock: Clock;
}

/** Makes the exchange for a container and what it was granted. */
export type ExchangeForContainer = (container: HostContainer, grant: ContainerGrant) => Exchange;

/**
 * Returns a function that makes the exchange for a container: by a token, or by the host's own credentials.
 * The session is named after the container.
 * @throws PodroleError `INVALID_SETTING` for an environment that leads to podrole itself
 */
export function exchangeForContainers(options: ContainerExchangeOptions): ExchangeForContainer {
  const { sts, tokenFile, hasSessionTags, clock } = options;
  const { durationSeconds } = sts;
  const askedFor = ({ name }: HostContainer, { role, sessionPolicy: policy }: ContainerGrant) => ({
    roleArn: role.arn,
    sessionName: sessionNameFor(name),
    durationSeconds,
    policy,
  });
  if (tokenFile !== undefined) {
    return (container, grant) => {
      const remedies = tokenRemedies(grant.role.arn);
      const target = { ...sts, ...askedFor(container, grant), tokenFile, remedies };
      return (signal) => exchangeToken(target, clock.now, signal);
    };
  }
  const exchangeFor = exchangeByHost(options);
  return (container, grant) =>
    exchangeFor({
      ...askedFor(container, grant),
      tags: hasSessionTags ? sessionTagsOf(container) : undefined,
    });
}
