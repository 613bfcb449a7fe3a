import { refusalOf } from '../../credentials/pool/refusal-of.ts';
import type { ExchangeResult } from '../../credentials/session-keeper.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import type { EventSource } from '../../kubernetes/events/object-event.ts';
import {
  createWarningReporter,
  type ReporterOptions,
  type WarningReporter,
} from '../../kubernetes/events/report-warnings.ts';
import { describeFaultWithCode } from '../../lib/errors.ts';
import type { Grant } from '../pods/grant.ts';
import type { NodePod } from '../pods/node-pod.ts';

/** Reports exchanges that STS refuses as Events on their pods. */
export interface RefusalReporter {
  /** Never throws and never waits. */
  readonly report: (pod: NodePod, grant: Grant, result: ExchangeResult) => void;
  readonly stop: WarningReporter['stop'];
}

export interface RefusalReporterOptions extends Pick<ReporterOptions, 'clock' | 'logger' | 'count'> {
  /** Not closed: it is that of the agent. */
  readonly client: Pick<ApiClient, 'send'>;
}

const SOURCE: EventSource = { component: 'podrole-agent', reason: 'RoleRefused' };

const WORDS = {
  failed: 'refusals of STS cannot be reported as Events on pods',
  remedy: 'grant create on events, as the manifests of the agent do',
};

/**
 * Creates the reporter. A refusal is one Event for each pod, role and fault in an hour, however often it
 * comes again. Only what somebody has to change is reported: failures that pass are in the log of the agent.
 */
export function createRefusalReporter(options: RefusalReporterOptions): RefusalReporter {
  const client = { send: options.client.send, close: () => {} };
  const reporter = createWarningReporter({ ...options, client, source: SOURCE, words: WORDS });
  return {
    report: ({ namespace, name, uid }, { role, target }, result) => {
      const fault = refusalOf(result);
      if (!fault) return;
      reporter.reportOne({
        namespace,
        object: { apiVersion: 'v1', kind: 'Pod', name, uid },
        warning: describeFaultWithCode(fault),
        // The problem has the number of the request, which is another each time.
        cause: JSON.stringify([fault.object, fault.remedy, role.arn, target?.role.arn]),
      });
    },
    stop: () => reporter.stop(),
  };
}
