import { type Clock, pause } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { checkRedirectSettings, type RedirectSettings } from '../settings.ts';
import { loadNodeTable, readNodeTable, throwIfDifferent } from './load-node-table.ts';
import type { NodeRedirectSurroundings } from './run-node-redirect.ts';
import {
  describeInterfaces,
  limitsOf,
  namedAddresses,
  type WantedTable,
  wantedTable,
  workloadsOf,
} from './wanted-table.ts';

export interface WatchSurroundings
  extends Pick<NodeRedirectSurroundings, 'nft' | 'namespace' | 'interfaces'> {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Aborted when the watch must end. */
  readonly signal: AbortSignal;
}

/** Workloads reach the real metadata service for at most this long when another program removes the rules. */
const INTERVAL_MS = 1_000;

/**
 * Loads the rules of a node or Docker host and keeps them until the signal is aborted. They stay loaded then:
 * without podrole, pods and containers are refused, and never get the role of the machine.
 * @throws PodroleError if they cannot be loaded at the start. Later faults are logged, and tried again
 */
export async function watchNode(settings: RedirectSettings, surroundings: WatchSurroundings): Promise<void> {
  checkRedirectSettings(settings);
  const { logger, clock, signal } = surroundings;
  const { table } = workloadsOf(settings);
  const keeper = { ...surroundings, known: '', reloads: 0 };
  let next = keepTable(settings, keeper);
  let failure = '';
  while (!signal.aborted) {
    await pause(clock, INTERVAL_MS, signal);
    if (signal.aborted) break;
    try {
      next = keepTable(settings, { ...surroundings, ...next });
      if (failure) logger.info({ table }, 'the rules are as they should be again');
      failure = '';
    } catch (thrown) {
      // The same fault each second would fill the log.
      if (messageOf(thrown) !== failure) logger.error({ err: thrown, table }, 'the rules could not be kept');
      failure = messageOf(thrown);
    }
  }
  logger.info({ table, reloads: next.reloads }, 'stopped; the rules stay loaded');
}

interface Kept {
  /** The network for which the rules were loaded last, as JSON. */
  readonly known: string;
  /** Number of loads that other programs made necessary. */
  readonly reloads: number;
}

/** Loads the rules if they are not as they should be. */
function keepTable(settings: RedirectSettings, surroundings: WatchSurroundings & Kept): Kept {
  const { nft, logger, known, reloads } = surroundings;
  const wanted = wantedTable(settings, surroundings);
  const network = JSON.stringify(wanted.network);
  const before = readNodeTable(nft, wanted);
  const hasChanged = network !== known;
  if (before.differences.length === 0) {
    if (hasChanged) logger.info(describe(wanted, before.checksSource), 'the rules are loaded');
    return { known: network, reloads };
  }
  loadNodeTable(nft, wanted);
  const after = readNodeTable(nft, wanted);
  throwIfDifferent(after.differences, wanted.workloads);
  const facts = describe(wanted, after.checksSource);
  if (hasChanged) {
    logger.info(facts, known === '' ? 'loaded the rules' : 'loaded the rules for the changed network');
    return { known: network, reloads };
  }
  const { differences } = before;
  logger.warn(
    { ...facts, differences: differences.slice(0, 5), reloads: reloads + 1 },
    'loaded the rules again: another program changed or removed them',
  );
  return { known: network, reloads: reloads + 1 };
}

function describe(wanted: WantedTable, checksSource: boolean) {
  const { workloads, network, port } = wanted;
  const limits = limitsOf({ ...wanted, checksSource });
  return {
    table: workloads.table,
    port,
    [workloads.many]: describeInterfaces(network),
    ...namedAddresses(network),
    ...(limits.length > 0 ? { limits } : {}),
  };
}
