import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { benchRun } from './bench-run.ts';
import { measureHostile } from './hostile.ts';
import { measureSidecar } from './sidecar.ts';
import { measureWebhook } from './webhook.ts';

const HELP = `make bench prints the figures of the bundles.
npm run bench -- webhook | hostile | sidecar prints those of one part.
  --url https://127.0.0.1:8443/mutate measures any other webhook on this machine beside it.
  --sidecar-url http://127.0.0.1:80/latest/meta-data/iam/security-credentials/ROLE measures any other endpoint beside the sidecar.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    'sidecar-url': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  process.stdout.write(`${HELP}\n`);
} else {
  const isAsked = (part: string) => positionals.length === 0 || positionals.includes(part);
  process.stdout.write(
    `${availableParallelism()} cores, Node ${process.version}; in turns, medians. The load comes from one process on the same machine.\n\n`,
  );
  if (isAsked('webhook')) await benchRun((run) => measureWebhook(values.url, run));
  if (isAsked('hostile')) await benchRun(measureHostile);
  if (isAsked('sidecar')) await benchRun((run) => measureSidecar(values['sidecar-url'], run));
}
