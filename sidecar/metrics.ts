/** Metric with its current values. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Values by label; undefined for a value that is not known yet, which has no sample. */
  readonly samples: readonly (readonly [label: string, value: number | undefined])[];
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Renders metrics in the text format of Prometheus. Names, helps and labels come from this program and need
 * no escapes.
 */
export function renderMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples
        .filter(([, value]) => value !== undefined)
        .map(([label, value]) => `${name}${label && `{${label}}`} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}
