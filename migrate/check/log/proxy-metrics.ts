import type { ProxyFlags } from '../../collect/narrow/proxy-flags.ts';
import type { OldProxy } from '../../model.ts';

/**
 * Returns the port of the metrics of a proxy; undefined if it has none of its own. An old kube2iam without
 * metrics passes /metrics on its usual port on to the node, so that port is never asked.
 * [kube2iam] cmd/main.go, [kiam] cmd/kiam/opts.go
 */
export function metricsPort(flags: ProxyFlags, from: OldProxy): string | undefined {
  if (from === 'kiam') {
    const [, host, port] = /^([^:]*):(\d{1,5})$/.exec(flags.get('prometheus-listen-addr') ?? '') ?? [];
    return host === 'localhost' || host?.startsWith('127.') ? undefined : port;
  }
  const port = flags.get('metrics-port') ?? '';
  return /^\d{1,5}$/.test(port) && port !== (flags.get('app-port') ?? '8181') ? port : undefined;
}

/** Requests for roles that a proxy answered since it started, counted from its metrics. */
export interface RequestCount {
  readonly add: (line: string) => void;
  /** Undefined without a metric that only a version with these counters has. */
  readonly total: () => number | undefined;
}

/** [kube2iam] metrics/metrics.go, [kiam] pkg/aws/metadata/metrics.go */
const COUNTERS: Readonly<
  Record<OldProxy, { readonly names: readonly string[]; readonly handlers: readonly string[] }>
> = {
  kube2iam: {
    names: ['kube2iam_http_request_duration_seconds_count{'],
    handlers: ['handler="roleHandler"', 'handler="securityCredentialsHandler"'],
  },
  kiam: {
    names: ['kiam_metadata_success_total{', 'kiam_metadata_responses_total{'],
    handlers: ['handler="credentials"', 'handler="roleName"'],
  },
};
const MARKS: Readonly<Record<OldProxy, string>> = { kube2iam: 'kube2iam_info{', kiam: 'kiam_metadata_' };
const VALUE = /\} (\d{1,16}(?:\.\d{1,6})?(?:e\+\d{1,2})?)$/;

export function countRequests(from: OldProxy): RequestCount {
  const { names, handlers } = COUNTERS[from];
  let total = 0;
  let isKnown = false;
  return {
    add: (line) => {
      isKnown ||= line.startsWith(MARKS[from]);
      const isCounter = names.some((name) => line.startsWith(name));
      if (!isCounter || !handlers.some((handler) => line.includes(handler))) return;
      // A counter that cannot be read is not 0.
      total += Number(VALUE.exec(line)?.[1] ?? 1);
    },
    total: () => (isKnown ? total : undefined),
  };
}
