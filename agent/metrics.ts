import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { countAnswers } from '../lib/metrics/count-answers.ts';
import { counterBy } from '../lib/metrics/counter-by.ts';
import { gaugeOf } from '../lib/metrics/gauge-of.ts';
import { verdictMetrics } from '../metadata/workloads/verdict-metrics.ts';
import type { Found } from './caller/find-caller.ts';
import type { Refused } from './serve/refusals.ts';

/** State of the agent, which each scrape asks for. */
export interface AgentState {
  readonly pods: () => number;
  readonly sessions: () => number;
  /** Exchanges that wait for their turn. */
  readonly exchangesWaiting: () => number;
  /** Seconds since the last news of the watch of pods; undefined before the first. */
  readonly watchAgeSeconds: () => number | undefined;
  readonly isReady: () => boolean;
  /** Problems of the rules of the node. */
  readonly ruleProblems: () => number;
}

/** Metrics of the agent. Each function is cheap enough for every request. */
export interface AgentMetrics {
  readonly registry: Registry;
  readonly answered: (status: number) => void;
  readonly found: (found: Found) => void;
  readonly refused: (refused: Refused) => void;
  readonly listed: () => void;
  /** refused: STS answered that the role is not for this pod. */
  readonly exchanged: (result: 'succeeded' | 'refused' | 'failed') => void;
  /** Counts a question for a session that was refused at a bound. */
  readonly sessionRefused: () => void;
  readonly eventOffered: (result: string) => void;
  readonly connectionShed: () => void;
  /** Registers the gauges. */
  readonly follow: (state: AgentState) => void;
}

const REFUSED: readonly Refused[] = ['unclear', 'stranger', 'without-role', 'by-token', 'unchecked', 'open'];

/** Creates a registry with the metrics of the agent and those of the process. */
export function createAgentMetrics(): AgentMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const lists = new Counter({
    name: 'podrole_agent_pod_lists_total',
    help: 'Times that the pods of the node were listed to find who asks',
    registers: [registry],
  });
  const shed = new Counter({
    name: 'podrole_connections_shed_total',
    help: 'Connections closed to make room for others',
    registers: [registry],
  });
  const sessionsRefused = new Counter({
    name: 'podrole_agent_sessions_refused_total',
    help: 'Questions for a session that were refused, because the pod or the node has too many',
    registers: [registry],
  });
  return {
    registry,
    answered: countAnswers(registry, {
      name: 'podrole_agent_requests_total',
      help: 'Requests of pods, by status of the answer',
    }),
    found: verdictMetrics(registry, { prefix: 'podrole_agent', workload: 'pod', firstBy: 'list' }),
    refused: counterBy(registry, 'reason', {
      name: 'podrole_agent_refusals_total',
      help: 'Requests that got no role, by reason',
      values: REFUSED,
    }),
    listed: () => lists.inc(),
    exchanged: counterBy(registry, 'result', {
      name: 'podrole_exchanges_total',
      help: 'Exchanges of a token for a session, by result',
      values: ['succeeded', 'refused', 'failed'],
    }),
    sessionRefused: () => sessionsRefused.inc(),
    eventOffered: counterBy(registry, 'result', {
      name: 'podrole_events_total',
      help: 'Refusals of STS that were reported as Events on pods, by result',
    }),
    connectionShed: () => shed.inc(),
    follow: (state) => followState(registry, state),
  };
}

function followState(registry: Registry, state: AgentState): void {
  const gauge = (name: string, help: string, value: () => number | undefined) =>
    gaugeOf(registry, { name, help, value });
  gauge('podrole_agent_pods', 'Pods of the node, as the watch knows them', state.pods);
  gauge('podrole_agent_sessions', 'Sessions that are kept', state.sessions);
  gauge(
    'podrole_agent_exchanges_waiting',
    'Exchanges that wait until others have ended',
    state.exchangesWaiting,
  );
  gauge(
    'podrole_agent_watch_age_seconds',
    'Time since the last news of the watch of pods',
    state.watchAgeSeconds,
  );
  gauge('podrole_agent_ready', '1 while /readyz says that the agent is ready', () =>
    state.isReady() ? 1 : 0,
  );
  gauge(
    'podrole_agent_rule_problems',
    'Problems of the rules of podrole redirect --node; 0: they are in effect',
    state.ruleProblems,
  );
}
