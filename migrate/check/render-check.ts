import { renderColumns } from '../../doctor/audit/output/columns.ts';
import { counted } from '../../lib/text/counted.ts';
import { formatDurationMs } from '../../lib/text/go-values.ts';
import type { Paint, Style } from '../../lib/text/paint.ts';
import { printable } from '../../lib/text/printable.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import type { CheckedRole, CheckedWorkload, MigrationCheck, Need, WorkloadState } from './model.ts';

const STYLES: Readonly<Record<WorkloadState, Style>> = {
  'old proxy': 'removed',
  both: 'changed',
  moved: 'created',
  waiting: 'changed',
  unknown: 'minor',
};

/** Renders a check for a person: by what it was judged, how far the migration is, what may be removed. */
export function renderCheck(check: MigrationCheck, paint: Paint): string {
  const blocks = [
    evidence(check),
    progressOf(check, paint),
    listed('ALSO ASKED', check.others, paint),
    removable(check, paint),
    listed('NOT READ, SO NOT JUDGED', check.unread, paint),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function evidence({ from, proxyPods, sinceSeconds, checkedAt }: MigrationCheck): readonly string[] {
  const span = formatDurationMs(sinceSeconds * 1_000);
  return [
    `judged by: the specs of the pods, then ${counted(proxyPods, 'log')} of ${from} (and its metrics for a gap), ${span} back from ${checkedAt}`,
    'A program that asks less often than that was not seen.',
  ];
}

function progressOf({ workloads, counts, percentMoved }: MigrationCheck, paint: Paint): readonly string[] {
  const parts = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  const title = `MOVED: ${percentMoved}% of ${counted(workloads.length, 'workload')}: ${parts.join(', ')}`;
  const rows = workloads.map((each) => [
    `${each.namespace}/${each.name}`,
    each.kind,
    each.state,
    `${each.withIdentity} of ${counted(each.pods, 'pod')} by podrole, ${each.asking} asked${
      each.lastAsked === undefined ? '' : `, last at ${each.lastAsked}`
    }`,
  ]);
  const head = ['WORKLOAD', 'KIND', 'STATE', 'PODS'];
  const lines = renderColumns([head, ...rows].map((row) => row.map(printable)));
  const [headLine = '', ...rest] = lines;
  return [
    paint('heading', title),
    ...(rows.length === 0 ? [] : [headLine]),
    ...rest.flatMap((line, at) => withNotes(line, workloads[at], paint)),
  ];
}

function withNotes(line: string, workload: CheckedWorkload | undefined, paint: Paint): readonly string[] {
  if (!workload) return [line];
  return [paint(STYLES[workload.state], line), ...workload.notes.map((note) => `    ${printable(note)}`)];
}

const ANSWERS: Readonly<Record<Need, string>> = { no: 'yes', yes: 'no', unknown: 'unknown' };

function removable({ from, roles, proxy }: MigrationCheck, paint: Paint): readonly string[] {
  const rows = [
    [from, ANSWERS[proxy.isNeeded], proxy.why],
    ...roles.map(({ role, isNeeded, why }: CheckedRole) => [
      `its sts:AssumeRole on ${role}`,
      ANSWERS[isNeeded],
      why,
    ]),
  ];
  return [paint('heading', 'MAY BE REMOVED'), ...renderColumns(rows.map((row) => row.map(printable)))];
}

function listed(title: string, texts: readonly string[], paint: Paint): readonly string[] {
  return texts.length === 0 ? [] : [paint('heading', title), ...texts.map((text) => `  ${safe(text)}`)];
}

/** A client chooses the role in the path of its request, and a server what it answers. */
function safe(text: string): string {
  return printable(redactSecrets(text));
}
