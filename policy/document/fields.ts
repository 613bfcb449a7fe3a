import { asObject } from '../../lib/json/json.ts';
import { type FieldType, listOf, objectOf, oneOf, text } from '../../lib/yaml/fields.ts';
import { canMatchRole } from '../role-pattern.ts';

/** A pattern that must be able to match; else the rule would have no effect, and nobody would notice. */
function pattern(allowed: Pick<RegExp, 'test'>, problem: string, remedy: string): FieldType<string> {
  return (value, path, report) => {
    const given = text(value, path, report);
    if (given === undefined || allowed.test(given)) return given;
    report.fault(path, problem, remedy);
    return undefined;
  };
}

/** A list with at least one entry: an empty one is probably a mistake. */
function someOf(item: FieldType<string>): FieldType<readonly string[]> {
  return (value, path, report) => {
    const items = listOf(item)(value, path, report);
    if (Array.isArray(value) && value.length === 0) report.fault(path, 'is empty', 'name at least one');
    return items;
  };
}

const namespacePattern = pattern(
  /^[a-z\d*-]{1,63}$/,
  'cannot match the name of a Namespace',
  'use only a-z, 0-9, - and *, at most 63 characters',
);

const serviceAccountPattern = pattern(
  /^[a-z\d.*-]{1,253}$/,
  'cannot match the name of a ServiceAccount',
  'use only a-z, 0-9, ".", - and *, at most 253 characters; leave it out for all',
);

const rolePattern = pattern(
  { test: canMatchRole },
  'cannot match the ARN of a role',
  'write an ARN such as arn:aws:iam::111122223333:role/shop-*, or *',
);

const ruleFields = {
  namespaces: someOf(namespacePattern),
  serviceAccounts: someOf(serviceAccountPattern),
  roles: listOf(rolePattern),
} as const;

const ruleType = objectOf(ruleFields, ['namespaces', 'roles']);

/** A field without a value must not mean all ServiceAccounts: its author probably wanted to name some. */
const rule: typeof ruleType = (value, path, report) => {
  if (asObject(value)?.['serviceAccounts'] === null) {
    report.fault([...path, 'serviceAccounts'], 'is empty', 'name at least one, or leave it out for all');
  }
  return ruleType(value, path, report);
};

export const UNLISTED = ['deny', 'annotated', 'allow'] as const;

/** Fields of a policy file. */
export const policyFields = objectOf(
  {
    apiVersion: oneOf(['podrole.dev/v1']),
    kind: oneOf(['RolePolicy']),
    unlisted: oneOf(UNLISTED),
    rules: listOf(rule),
  },
  ['apiVersion', 'kind', 'rules'],
);
