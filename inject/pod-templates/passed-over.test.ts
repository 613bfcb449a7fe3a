import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import { passedOver } from './passed-over.ts';
import { unusedPaths } from './unused-paths.ts';

const POD = { spec: { containers: [{ name: 'a', image: 'a:1' }] } };
const job = (spec: unknown) => ({ apiVersion: 'example.com/v1', kind: 'Fleet', spec });

/** Objects of a kind that podrole does not know, and what the note advises. */
const CASES: Readonly<
  Record<string, readonly [object: unknown, templatePaths: readonly string[] | undefined]>
> = {
  'a template': [job({ template: POD }), ['Fleet.example.com=spec.template']],
  'templates of a list, once': [job({ jobs: [POD, POD] }), ['Fleet.example.com=spec.jobs.*']],
  'templates of a mapping': [
    job({ jobs: { A: POD, B: { spec: { ...POD.spec } } } }),
    ['Fleet.example.com=spec.jobs.A', 'Fleet.example.com=spec.jobs.B'],
  ],
  'the form of a pod': [job(POD.spec), ['Fleet.example.com=.']],
  'a bare spec of a pod': [job({ podSpec: POD.spec }), []],
  'a name that no path can have': [job({ 'a.b': POD }), []],
  'a kind without a version': [{ kind: 'Fleet', template: POD }, ['Fleet=template']],
  'a known kind in another group': [
    { apiVersion: 'example.com/v1', kind: 'Deployment', spec: { template: POD } },
    ['Deployment.example.com=spec.template'],
  ],
  'containers without an image, as in a patch': [job({ containers: [{ name: 'a' }] }), undefined],
  'no containers': [job({ containers: [] }), undefined],
  'containers that are names': [job({ containers: ['a'] }), undefined],
  'a known kind': [{ kind: 'Pod', ...POD }, undefined],
  'a kind that the user told': [{ kind: 'Told', other: POD }, undefined],
  'no kind': [{ spec: POD }, undefined],
};

for (const [what, [object, templatePaths]] of Object.entries(CASES)) {
  test(`${what} is ${templatePaths ? 'passed over' : 'not of interest'}`, () => {
    const told = [{ kind: 'Told', path: ['spec'] }];
    const found = passedOver([null, object, { kind: 'List', items: [object] }], told);
    assert.deepEqual(
      found.map((one) => [one.objects, one.templatePaths]),
      templatePaths ? [[2, templatePaths]] : [],
    );
  });
}

test('a path of the user that fits no object of its kind is reported, with their number', () => {
  const wrong = { kind: 'Fleet', group: 'example.com', path: ['spec', 'tmpl'] };
  const right = { kind: 'Fleet', path: ['spec', 'template'] };
  const absent = { kind: 'Other', path: ['spec'] };
  const objects = [job({ template: POD }), { kind: 'List', items: [job({})] }, null];
  assert.deepEqual(unusedPaths(objects, [wrong, right, absent]), [{ ...wrong, objects: 2 }]);
});

test('the steps grow with the object, even if aliases repeat its parts', async () => {
  await assertLinear((size) => {
    let nested: unknown = { a: 1 };
    for (let at = 0; at < 50; at += 1) nested = { one: nested, other: nested };
    const objects = [job(Array.from({ length: size }, (_, at) => ({ at, nested, more: { [at]: POD } })))];
    return () => passedOver(objects, []);
  });
});
