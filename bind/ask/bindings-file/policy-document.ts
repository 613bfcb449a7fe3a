import { asObject } from '../../../lib/json/json.ts';
import type { FieldType } from '../../../lib/yaml/fields.ts';

/** An IAM policy. Only its outline is checked here; IAM checks the rest. */
export const policyDocument: FieldType<unknown> = (value, path, report) => {
  if (asObject(value)?.['Statement'] !== undefined) return value;
  report.fault(path, 'is not a policy document', 'write an IAM policy with Version and Statement');
  return undefined;
};
