import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { countAnswers } from '../lib/metrics/count-answers.ts';
import { counterBy } from '../lib/metrics/counter-by.ts';
import { gaugeOf } from '../lib/metrics/gauge-of.ts';
import { verdictMetrics } from '../metadata/workloads/verdict-metrics.ts';
import type { FoundContainer } from './caller/find-container.ts';
import type { Refused } from './serve/refusals.ts';

/** State of the process, which each scrape asks for. */
export interface DockerState {
  readonly containers: () => number;
  readonly sessions: () => number;
  /** Exchanges that wait for their turn. */
  readonly exchangesWaiting: () => number;
  /** Seconds since the last news of the daemon; undefined before the first. */
  readonly daemonAgeSeconds: () => number | undefined;
  readonly isReady: () => boolean;
  readonly ruleProblems: () => number;
  readonly roleFileProblems: () => number;
}

/** Metrics of `podrole docker`. Each function is cheap enough for every request. */
export interface DockerMetrics {
  readonly registry: Registry;
  readonly answered: (status: number) => void;
  readonly found: (found: FoundContainer) => void;
  readonly refused: (refused: Refused) => void;
  /** refused: STS answered that the role is not for this container. */
  readonly exchanged: (result: 'succeeded' | 'refused' | 'failed') => void;
  /** Counts a question for a session that was refused at a bound. */
  readonly sessionRefused: () => void;
  readonly connectionShed: () => void;
  /** Registers the gauges. */
  readonly follow: (state: DockerState) => void;
}

const REFUSED: readonly Refused[] = ['unclear', 'stranger', 'without-role', 'refused', 'open'];

/** Creates a registry with the metrics of `podrole docker` and those of the process. */
export function createDockerMetrics(): DockerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const shed = new Counter({
    name: 'podrole_connections_shed_total',
    help: 'Connections closed to make room for others',
    registers: [registry],
  });
  const sessionsRefused = new Counter({
    name: 'podrole_docker_sessions_refused_total',
    help: 'Questions for a session that were refused, because the host has too many',
    registers: [registry],
  });
  return {
    registry,
    answered: countAnswers(registry, {
      name: 'podrole_docker_requests_total',
      help: 'Requests of containers, by status of the answer',
    }),
    found: verdictMetrics(registry, { prefix: 'podrole_docker', workload: 'container', firstBy: 'daemon' }),
    refused: counterBy(registry, 'reason', {
      name: 'podrole_docker_refusals_total',
      help: 'Requests that got no role, by reason',
      values: REFUSED,
    }),
    exchanged: counterBy(registry, 'result', {
      name: 'podrole_exchanges_total',
      help: 'Exchanges for a session, by result',
      values: ['succeeded', 'refused', 'failed'],
    }),
    sessionRefused: () => sessionsRefused.inc(),
    connectionShed: () => shed.inc(),
    follow: (state) => followState(registry, state),
  };
}

function followState(registry: Registry, state: DockerState): void {
  const gauge = (name: string, help: string, value: () => number | undefined) =>
    gaugeOf(registry, { name: `podrole_docker_${name}`, help, value });
  gauge('containers', 'Containers that run, as the events of the daemon say', state.containers);
  gauge('sessions', 'Sessions that are kept', state.sessions);
  gauge('exchanges_waiting', 'Exchanges that wait until others have ended', state.exchangesWaiting);
  gauge('daemon_age_seconds', 'Time since the last news of the Docker daemon', state.daemonAgeSeconds);
  gauge('ready', '1 while /readyz says that podrole docker is ready', () => (state.isReady() ? 1 : 0));
  gauge('rule_problems', 'Problems of the rules of podrole redirect --docker', state.ruleProblems);
  gauge('role_file_problems', 'Problems of the role file', state.roleFileProblems);
}
