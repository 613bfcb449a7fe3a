import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { onlyObject, readObjects } from '../../../testing/manifest-files.ts';
import { waitFor } from '../../../testing/wait-for.ts';
import { findBinary } from '../../cluster/find-binary.ts';
import { logFolder } from '../../cluster/log-tails.ts';
import { startProcess } from '../../cluster/processes.ts';

const ADDRESS = '127.0.0.1:9090';
const START_TIMEOUT_MS = 60_000;

/** A process to scrape, with the labels that the operator adds to the targets of a ServiceMonitor. */
export interface Target {
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Prometheus {
  /** @throws an error with Prometheus' words if it cannot answer the query */
  query(expression: string): Promise<readonly unknown[]>;
  /** Alerts that are pending or firing, as `name state`. */
  alerts(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** The alerts in the manifests, as a rule file of Prometheus. */
export function ruleFile(): string {
  return stringify(onlyObject(readObjects('overlays/monitoring/prometheusrule.yaml'), 'PrometheusRule').spec);
}

/** Starts Prometheus with the alerts of the manifests. It scrapes and evaluates every second. */
export async function startPrometheus(targets: readonly Target[]): Promise<Prometheus> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-prometheus-'));
  await writeFile(path.join(folder, 'rules.yml'), ruleFile());
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: [
      {
        job_name: 'podrole',
        static_configs: targets.map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels })),
      },
    ],
  };
  await writeFile(path.join(folder, 'prometheus.yml'), stringify(config));
  const running = startProcess({
    name: 'prometheus',
    program: findBinary('prometheus', process.env['PODROLE_E2E_BINARIES']),
    args: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${ADDRESS}`,
    ],
    logs: logFolder(),
  });
  const stop = async () => {
    await running.stop(5_000);
    await rm(folder, { recursive: true, force: true });
  };
  const ask = async (at: string): Promise<Record<string, readonly unknown[]>> => {
    running.ended.throwIfAborted();
    const answer = await fetch(`http://${ADDRESS}${at}`);
    const { data, error } = (await answer.json()) as {
      data: Record<string, readonly unknown[]>;
      error?: string;
    };
    if (error !== undefined) throw new Error(`${at}: ${error}`);
    return data;
  };
  try {
    await waitFor(
      async () => {
        running.ended.throwIfAborted();
        return (await fetch(`http://${ADDRESS}/-/ready`)).ok;
      },
      'Prometheus',
      START_TIMEOUT_MS,
    );
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    query: async (expression) =>
      (await ask(`/api/v1/query?query=${encodeURIComponent(expression)}`))['result'] ?? [],
    alerts: async () =>
      ((await ask('/api/v1/alerts'))['alerts'] ?? []).map((alert) => {
        const { labels, state } = alert as { labels: Record<string, string>; state: string };
        return `${labels['alertname']} ${state}`;
      }),
    stop,
  };
}
