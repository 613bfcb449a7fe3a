import type { ApiClient } from '../../kubernetes/api-client.ts';
import { certificateTiming } from '../../webhook/certificates/decide/timing.ts';
import { type CertificateKeeper, createCertificateKeeper } from '../../webhook/certificates/keeper.ts';
import type { IssuedPair } from '../../webhook/certificates/objects/issued-pair.ts';
import { mintPair } from '../../webhook/certificates/objects/mint.ts';
import { secretStore, webhookConfigurationStore } from '../../webhook/certificates/objects/stores.ts';
import { type CollectedLog, collectLog } from '../processes/collected-log.ts';
import { createVirtualTime, type VirtualTime } from '../virtual-time.ts';
import { CERTIFICATE_NAMES } from './cluster.ts';

/** A replica's certificate keeper in virtual time. */
export interface CertificateReplica {
  readonly served: () => IssuedPair | undefined;
  readonly notReady: CertificateKeeper['notReady'];
  readonly log: CollectedLog;
  /** Moves the wall clock of the replica; its monotonic clock stays as it is. */
  readonly jump: (ms: number) => void;
  readonly stop: () => void;
}

export interface ReplicaSite extends Pick<VirtualTime, 'nowMs' | 'clock'> {
  /** @param client access to the API server */
  readonly start: (client: Pick<ApiClient, 'get' | 'send'>, random?: () => number) => CertificateReplica;
  /** Lets time pass in steps; after each step, certificates that are being created are completed. */
  readonly pass: (ms: number, stepMs?: number) => Promise<void>;
  readonly made: () => number;
}

const STEP_MS = 200;

export function createReplicaSite(lifetimeMs: number): ReplicaSite {
  const time = createVirtualTime();
  const making = new Set<Promise<unknown>>();
  let made = 0;

  return {
    ...time,
    made: () => made,
    start: (client, random = () => 0.5) => {
      const log = collectLog();
      const clock = time.clock();
      const stopping = new AbortController();
      let offsetMs = 0;
      let served: IssuedPair | undefined;
      const { service, secret, configuration } = CERTIFICATE_NAMES;
      const keeper = createCertificateKeeper({
        service,
        secretName: secret,
        secrets: secretStore(client, { namespace: service.namespace, name: secret }),
        configurations: webhookConfigurationStore(client, configuration),
        mint: (hosts, notAfter) => {
          made += 1;
          const pair = mintPair(hosts, notAfter);
          making.add(pair);
          return pair.finally(() => making.delete(pair));
        },
        timing: certificateTiming(lifetimeMs),
        clock: { ...clock, now: () => new Date(clock.now().getTime() + offsetMs) },
        random,
        logger: log.logger,
        serve: (pair) => {
          served = pair;
        },
        changed: () => {},
      });
      void keeper.run(stopping.signal);
      return {
        served: () => served,
        notReady: keeper.notReady,
        log,
        jump: (ms) => {
          offsetMs += ms;
        },
        stop: () => stopping.abort(),
      };
    },
    pass: async (ms, stepMs = STEP_MS) => {
      for (let left = ms; left > 0; left -= stepMs) {
        await time.pass(Math.min(left, stepMs));
        while (making.size > 0) {
          await Promise.all(making);
          await time.pass(0);
        }
      }
    },
  };
}
