/** A week and a day in steps of a minute. */
export const STEPS = 60 * 24 * 8;

export interface RuleCase {
  readonly alert: string;
  /** Series that are different, or gone; a key without labels stands for all series of the metric. */
  readonly with: Readonly<Record<string, string | undefined>>;
  readonly quietAt: string;
  readonly firesAt: string;
}

/** Series of the agents of a cluster in which all is well. */
export const AGENT_SERIES: Readonly<Record<string, string>> = {
  'kube_daemonset_status_desired_number_scheduled{namespace="agents",daemonset="podrole-agent"}': `1x${STEPS}`,
  'kube_daemonset_status_desired_number_scheduled{namespace="agents",daemonset="other"}': `9x${STEPS}`,
  [agent('podrole_agent_ready')]: `1x${STEPS}`,
  [agent('podrole_agent_rule_problems')]: `0x${STEPS}`,
  [agent('podrole_agent_watch_age_seconds')]: `30x${STEPS}`,
  [agent('podrole_exchanges_total', 'result="succeeded"')]: `0+1x${STEPS}`,
  [agent('podrole_exchanges_total', 'result="refused"')]: `0x${STEPS}`,
  [agent('podrole_exchanges_total', 'result="failed"')]: `0x${STEPS}`,
  // A sidecar and the webhook have metrics of these names too.
  'podrole_exchanges_total{namespace="shop",pod="web",result="failed"}': `0+1x${STEPS}`,
  'podrole_connections_shed_total{namespace="podrole",pod="a"}': `0+1x${STEPS}`,
  [agent('podrole_agent_verdicts_total', 'verdict="pod"')]: `0+60x${STEPS}`,
  [agent('podrole_agent_verdicts_total', 'verdict="unclear"')]: `0+1x${STEPS}`,
  [agent('podrole_agent_sessions_refused_total')]: `0x${STEPS}`,
  [agent('podrole_connections_shed_total')]: `0x${STEPS}`,
};

function agent(name: string, label?: string): string {
  return `${name}{${['namespace="agents"', 'pod="d"', ...(label ? [label] : [])].join(',')}}`;
}

export const AGENT_CASES: readonly RuleCase[] = [
  {
    // All that Prometheus had of agents is gone after an hour.
    alert: 'PodroleAgentDown',
    with: Object.fromEntries(
      Object.entries(AGENT_SERIES)
        .filter(([name]) => name.includes('pod="d"'))
        .map(([name, values]) => [name, values.replace(/x\d+$/, 'x60')]),
    ),
    quietAt: '1h',
    firesAt: '75m',
  },
  {
    alert: 'PodroleAgentMissing',
    with: {
      'kube_daemonset_status_desired_number_scheduled{namespace="agents",daemonset="podrole-agent"}': `2x${STEPS}`,
    },
    quietAt: '9m',
    firesAt: '11m',
  },
  {
    alert: 'PodroleAgentNotReady',
    with: { [agent('podrole_agent_ready')]: `0x${STEPS}` },
    quietAt: '4m',
    firesAt: '6m',
  },
  {
    alert: 'PodroleAgentRulesMissing',
    with: {
      [agent('podrole_agent_rule_problems')]: `1x${STEPS}`,
      [agent('podrole_agent_ready')]: `0x${STEPS}`,
    },
    quietAt: '1m',
    firesAt: '10m',
  },
  {
    alert: 'PodroleAgentWatchStale',
    with: {
      [agent('podrole_agent_watch_age_seconds')]: `0+60x${STEPS}`,
      [agent('podrole_agent_ready')]: `1 1 1 0x${STEPS}`,
    },
    quietAt: '9m',
    firesAt: '12m',
  },
  {
    alert: 'PodroleAgentExchangesFail',
    with: { [agent('podrole_exchanges_total', 'result="failed"')]: `0+1x${STEPS}` },
    quietAt: '9m',
    firesAt: '15m',
  },
  {
    alert: 'PodroleAgentRolesRefused',
    with: { [agent('podrole_exchanges_total', 'result="refused"')]: `0x10 1x${STEPS}` },
    quietAt: '9m',
    firesAt: '15m',
  },
  {
    alert: 'PodroleAgentCallersUnclear',
    with: { [agent('podrole_agent_verdicts_total', 'verdict="unclear"')]: `0+6x${STEPS}` },
    quietAt: '14m',
    firesAt: '20m',
  },
  {
    alert: 'PodroleAgentSheds',
    with: { [agent('podrole_connections_shed_total')]: `0x10 1x${STEPS}` },
    quietAt: '9m',
    firesAt: '15m',
  },
  {
    alert: 'PodroleAgentSheds',
    with: { [agent('podrole_agent_sessions_refused_total')]: `0x10 1x${STEPS}` },
    quietAt: '9m',
    firesAt: '15m',
  },
  {
    alert: 'PodroleAgentMetricsMissing',
    with: { podrole_agent_verdicts_total: undefined },
    quietAt: '14m',
    firesAt: '16m',
  },
];
