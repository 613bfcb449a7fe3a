import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { measureAgent } from './agent.ts';
import { measureAgentSessions } from './agent-sessions.ts';
import { measureAudit } from './audit.ts';
import { benchRun } from './bench-run.ts';
import { measureDocker } from './docker.ts';
import { measureHostile } from './hostile.ts';
import { measureInject } from './inject.ts';
import { measureSidecar } from './sidecar.ts';
import { measureWebhook } from './webhook.ts';

const HELP = `make bench measures the bundles.
npm run bench -- webhook | hostile | sidecar | agent | sessions | docker | inject | audit measures one part.
  --url https://127.0.0.1:8443/mutate
      also measures another webhook on this machine
  --sidecar-url http://127.0.0.1:80/latest/meta-data/iam/security-credentials/ROLE
      also measures another endpoint for credentials`;

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
    `${availableParallelism()} cores, Node ${process.version}. Medians of turns; one process of this machine is the load.\n\n`,
  );
  if (isAsked('webhook')) await benchRun((run) => measureWebhook(values.url, run));
  if (isAsked('hostile')) await benchRun(measureHostile);
  if (isAsked('sidecar')) await benchRun((run) => measureSidecar(values['sidecar-url'], run));
  if (isAsked('sessions')) await benchRun(measureAgentSessions);
  if (isAsked('agent')) await benchRun(measureAgent);
  if (isAsked('docker')) await benchRun(measureDocker);
  if (isAsked('inject')) await benchRun(measureInject);
  if (isAsked('audit')) await benchRun(measureAudit);
}
