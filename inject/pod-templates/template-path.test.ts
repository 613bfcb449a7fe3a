import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseToldPath } from './template-path.ts';

const PATHS: Readonly<Record<string, ReturnType<typeof parseToldPath>>> = {
  'Rollout.argoproj.io=spec.template': {
    kind: 'Rollout',
    group: 'argoproj.io',
    path: ['spec', 'template'],
  },
  'Fleet=spec.members.*.pod': { kind: 'Fleet', path: ['spec', 'members', '*', 'pod'] },
  'Revision.serving.knative.dev=.': { kind: 'Revision', group: 'serving.knative.dev', path: [] },
  'TFJob.kubeflow.org=spec.tf-replicas_2.*': {
    kind: 'TFJob',
    group: 'kubeflow.org',
    path: ['spec', 'tf-replicas_2', '*'],
  },
};
const REFUSED = [
  ...['', 'Rollout', 'Rollout=', '=spec', 'rollout=spec', 'Rollout.=spec', 'Rollout.Argo=spec'],
  ...['Rollout=spec..template', 'Rollout=.spec', 'Rollout=spec.', 'Rollout=spec.**', 'Rollout=spec[*]'],
  ...['Rollout=spec/template', 'Rollout=spec.template=x', 'Rollout=spec template', 'Rollout=spec.0'],
  ...['apps/v1/Rollout=spec', `Rollout=${'a.'.repeat(20)}a`, `Rollout=${'a'.repeat(300)}`],
];

for (const [text, expected] of Object.entries(PATHS)) {
  test(`${text} is a path`, () => assert.deepEqual(parseToldPath(text), expected));
}

for (const text of REFUSED) {
  test(`"${text.slice(0, 40)}" is refused`, () => assert.equal(parseToldPath(text), undefined));
}
