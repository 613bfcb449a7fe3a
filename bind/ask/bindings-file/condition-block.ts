import { asArray, asObject } from '../../../lib/json/json.ts';
import type { FieldType } from '../../../lib/yaml/fields.ts';
import type { TrustCondition } from '../../trust/trust-entry.ts';
import { joinConditions } from '../conditions.ts';

/** Conditions in the form of a policy: operator, key, and a value or a list of values. */
export const conditionBlock: FieldType<readonly TrustCondition[]> = (value, path, report) => {
  const block = asObject(value);
  const form = 'write OPERATOR: {KEY: VALUE}, such as StringEquals: {aws:SourceVpc: vpc-1}';
  if (!block) report.fault(path, 'is not a mapping', form);
  const conditions = Object.entries(block ?? {}).flatMap(([operator, keys]) => {
    const object = asObject(keys);
    if (!object) report.fault([...path, operator], 'is not a mapping', form);
    return Object.entries(object ?? {}).map(([key, given]) => {
      const values = asArray(given) ?? [given];
      if (!values.every(isScalar))
        report.fault([...path, operator, key], 'is neither a string nor a list of strings', form);
      return { operator, key, values: values.filter(isScalar).map(String) };
    });
  });
  return joinConditions(conditions);
};

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
