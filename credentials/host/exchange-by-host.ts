import type { Clock } from '../../lib/clock.ts';
import type { Env } from '../../lib/surroundings.ts';
import { assumeRole, correctionMs, type RoleRequest } from '../chain/assume-role.ts';
import { ExchangeError } from '../exchange/exchange-error.ts';
import type { StsAddress } from '../exchange/sts-address.ts';
import type { Exchange } from '../pool/exchange-once.ts';
import { findHostKeys } from './host-credentials.ts';
import { hostRemedies } from './host-remedies.ts';
import { type OwnEndpoints, refuseOwnEndpoint } from './own-endpoint.ts';
import { shareKeys } from './shared-keys.ts';

export interface HostExchangeOptions {
  readonly sts: StsAddress;
  /** Region of the signature, unless the endpoint of STS names one. */
  readonly region: string;
  /** Environment of this process, which the AWS SDK reads by itself too. */
  readonly env: Env;
  readonly own: OwnEndpoints;
  readonly clock: Clock;
}

/** Makes the exchange for a role. */
export type ExchangeForRole = (request: Omit<RoleRequest, 'remedies'>) => Exchange;

/**
 * Returns a function that makes the exchange for a role with the host's own credentials: those that the AWS
 * SDK finds at the time of the exchange. If STS refuses because this machine's clock is wrong, the call is
 * signed once more, with the time of STS.
 * @throws PodroleError `INVALID_SETTING` for an environment that leads to podrole itself
 */
export function exchangeByHost(options: HostExchangeOptions): ExchangeForRole {
  const { sts, region, env, own, clock } = options;
  refuseOwnEndpoint(env, own);
  const host = shareKeys(() => findHostKeys(env), clock);
  let clockAheadMs: number | undefined;

  return (asked) => {
    const request = { ...asked, remedies: hostRemedies(asked) };
    const ask = async (signal: AbortSignal) => {
      const keys = await host.current(signal);
      return assumeRole(keys, request, { ...sts, region, now: clock.now, clockAheadMs, signal });
    };
    return async (signal) => {
      const usedMs = correctionMs(clockAheadMs);
      try {
        const exchanged = await ask(signal);
        clockAheadMs = exchanged.clockAheadMs;
        return exchanged;
      } catch (thrown) {
        if (!(thrown instanceof ExchangeError)) throw thrown;
        if (thrown.code === 'STS_REFUSED') host.doubt();
        if (correctionMs((thrown.clockAheadMs ?? usedMs) - usedMs) === 0) throw thrown;
        clockAheadMs = thrown.clockAheadMs;
        return ask(signal);
      }
    };
  };
}
