import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, string, toggle } from '../../lib/settings/kinds.ts';
import { separateToggles } from './separate-toggles.ts';

const TABLE = {
  approve: toggle({ default: false, help: '' }),
  recursive: toggle({ default: false, short: 'R', help: '', aliases: ['deep'] }),
  namespace: string({ value: '<namespace>', short: 'n', help: '' }),
  filename: list({ value: '<file>', short: 'f', help: '' }),
};

const cases: readonly (readonly [given: string, separated: string])[] = [
  ['--approve web', '--approve=true web'],
  ['web --approve', 'web --approve=true'],
  ['--approve --approve', '--approve=true --approve=true'],
  ['--approve=false web', '--approve=false web'],
  ['-R apps', '--recursive=true apps'],
  ['-Rf apps', '--recursive=true -f apps'],
  ['-Rfapps', '--recursive=true -fapps'],
  ['--deep apps', '--deep=true apps'],
  ['-n --approve web', '-n --approve web'],
  ['--namespace --approve', '--namespace --approve'],
  ['-nshop --approve web', '-nshop --approve=true web'],
  ['--namespace=shop web', '--namespace=shop web'],
  ['-- --approve', '-- --approve'],
  ['--approve -- web', '--approve=true -- web'],
  ['--approve 0', '--approve=true 0'],
  ['--unknown web', '--unknown web'],
  ['-n=shop web', '--namespace=shop web'],
  ['-R=false web', '--recursive=false web'],
  ['-RRf=apps', '--recursive=true --recursive=true --filename=apps'],
  ['-n= web', '--namespace= web'],
  ['-nf=a', '-nf=a'],
  ['-n==a', '--namespace==a'],
  ['-x=a -', '-x=a -'],
  ['--namespce=hunter2 web', '--namespce web'],
];

for (const [given, separated] of cases) {
  test(`${given} is ${separated}`, () => {
    assert.equal(separateToggles(given.split(' '), TABLE).join(' '), separated);
  });
}

for (const given of ['--approve false', '--approve True', '-R false', 'web --approve FALSE']) {
  test(`${given} is refused, with the right spelling`, () => {
    assert.throws(() => separateToggles(given.split(' '), TABLE), /give --(approve|recursive)=/);
  });
}
