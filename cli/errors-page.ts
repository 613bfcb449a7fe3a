import { admissionErrors } from '../lib/errors/admission-errors.ts';
import { agentErrors } from '../lib/errors/agent-errors.ts';
import { answerErrors } from '../lib/errors/answer-errors.ts';
import { auditErrors } from '../lib/errors/audit-errors.ts';
import { bindErrors } from '../lib/errors/bind-errors.ts';
import type { ErrorCatalogue } from '../lib/errors/catalogue.ts';
import { certificateErrors } from '../lib/errors/certificate-errors.ts';
import { clusterErrors } from '../lib/errors/cluster-errors.ts';
import type { AnswerCode, FaultCode } from '../lib/errors/code.ts';
import { dockerApiErrors } from '../lib/errors/docker-api-errors.ts';
import { dockerRoleErrors } from '../lib/errors/docker-role-errors.ts';
import { doctorErrors } from '../lib/errors/doctor-errors.ts';
import { iamErrors } from '../lib/errors/iam-errors.ts';
import { policyErrors } from '../lib/errors/policy-errors.ts';
import { publishErrors } from '../lib/errors/publish-errors.ts';
import { redirectErrors } from '../lib/errors/redirect-errors.ts';
import { rotationErrors } from '../lib/errors/rotation-errors.ts';
import { settingErrors } from '../lib/errors/setting-errors.ts';
import { sidecarErrors } from '../lib/errors/sidecar-errors.ts';
import { stsErrors } from '../lib/errors/sts-errors.ts';
import { testPodErrors } from '../lib/errors/test-pod-errors.ts';

interface Section {
  readonly title: string;
  /** One or two sentences that say where a user meets these codes. */
  readonly about: string;
  readonly errors: ErrorCatalogue;
}

const SECTIONS: readonly Section[] = [
  {
    title: 'Command line and files',
    about:
      'Every command. The exit code is 2 for `USAGE`, `INVALID_SETTING` and `MISSING_SETTING`, else 3; [exit-codes.md](exit-codes.md) has all.',
    errors: settingErrors,
  },
  {
    title: 'Kubernetes API server',
    about:
      'Commands that use a kubeconfig, and the webhook and the publisher, which use the token of their pod.',
    errors: clusterErrors,
  },
  {
    title: 'Certificates and keys',
    about: 'Every server with `--tls-cert`, and the [serving certificate](certificates.md) of the webhook.',
    errors: certificateErrors,
  },
  {
    title: 'bind, unbind, list, provider',
    about:
      'See [bind](bind.md) and [list](list.md). Everything but `PARTLY_APPLIED`, `STOPPED` and `RESTART_FAILED` is found before the first change.',
    errors: bindErrors,
  },
  {
    title: 'policy',
    about: 'See [policy](policy.md). The webhook and `inject` read a policy file before anything else.',
    errors: policyErrors,
  },
  {
    title: 'IAM',
    about:
      'Answers of IAM to `bind`, `unbind`, `list` and `provider`. The SDK has tried several times already.',
    errors: iamErrors,
  },
  {
    title: 'test and whoami',
    about: 'See [test](test.md). The codes of the sidecar for token and STS occur here too.',
    errors: testPodErrors,
  },
  {
    title: 'doctor',
    about:
      'See [doctor](doctor.md). What it finds out has codes of its own: [troubleshooting](troubleshooting.md).',
    errors: doctorErrors,
  },
  {
    title: 'audit',
    about: 'See [audit](audit.md). What the credentials may not read is not an error: the output names it.',
    errors: auditErrors,
  },
  {
    title: 'publish and keys create',
    about: 'See [publish](publish.md) and [issuer](issuer.md).',
    errors: publishErrors,
  },
  {
    title: 'keys rotate',
    about: 'See [rotate keys](rotate-keys.md).',
    errors: rotationErrors,
  },
  {
    title: 'webhook and inject',
    about: 'See [webhook](webhook.md) and [GitOps](gitops.md).',
    errors: admissionErrors,
  },
  {
    title: 'sidecar',
    about:
      'See [sidecar](sidecar.md). SDKs show these codes to their users, since the sidecar answers with them.',
    errors: sidecarErrors,
  },
  {
    title: 'agent',
    about: 'The agent answers with these codes, and with those of the sidecar for the token file and STS.',
    errors: agentErrors,
  },
  {
    title: 'Docker daemon',
    about: 'Calls of `podrole docker` to the daemon of its host.',
    errors: dockerApiErrors,
  },
  {
    title: 'docker',
    about: 'Roles of the containers of `podrole docker`.',
    errors: dockerRoleErrors,
  },
  {
    title: 'redirect',
    about: 'See [redirect](redirect.md).',
    errors: redirectErrors,
  },
  {
    title: 'sts',
    about: 'Start of the [local STS](local-sts.md). Its callers get the codes of AWS STS.',
    errors: stsErrors,
  },
  {
    title: 'HTTP answers',
    about: 'Refusals of requests to the webhook, to the sidecar and to their health ports.',
    errors: answerErrors,
  },
];

/** Every code of the page. */
export const documentedCodes: ReadonlySet<string> = new Set<FaultCode | AnswerCode>(
  SECTIONS.flatMap(({ errors }) => Object.keys(errors) as (FaultCode | AnswerCode)[]),
);

/** Returns docs/errors.md: every error code with what happened and what to do, as Markdown. */
export function renderErrorsPage(): string {
  const head = [
    '# Error codes',
    '',
    'Generated from the code; `UPDATE_GOLDEN=1 npm test` writes it again.',
    'The command line prints the code in brackets at the end of an error, and logs have it as `code`.',
    'Codes are stable: a script may match them. The message names the object and says more than this page.',
  ];
  return `${[...head, ...SECTIONS.flatMap(renderSection)].join('\n')}\n`;
}

function renderSection({ title, about, errors }: Section): string[] {
  const rows = Object.entries(errors)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { happened, remedy }]) => `| \`${code}\` | ${happened} | ${remedy} |`);
  return [
    '',
    `## ${title}`,
    '',
    about,
    '',
    '| code | what happened | what to do |',
    '|---|---|---|',
    ...rows,
  ];
}
