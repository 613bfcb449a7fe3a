import type { FileReport } from '../../lib/yaml/fields.ts';
import { readYamlFile } from '../../lib/yaml/read-yaml-file.ts';
import type { RolePolicy } from '../role-policy.ts';
import { policyFields, UNLISTED } from './fields.ts';

/** Most rules of a policy file. Each admission request goes through all of them. */
const MAX_RULES = 1_000;

/**
 * Parses a policy file.
 * @param origin name of the file, for messages
 * @throws PodroleError `INVALID_ROLE_POLICY` with every fault, each with its line
 */
export function parseRolePolicy(text: string, origin: string): RolePolicy {
  const file = { text, origin, code: 'INVALID_ROLE_POLICY', content: 'one RolePolicy' } as const;
  return readYamlFile(file, (value, report) => readPolicy(value, report, origin));
}

function readPolicy(value: unknown, report: FileReport, origin: string): RolePolicy {
  const read = policyFields(value, [], report);
  const rules = read?.rules ?? [];
  if (rules.length > MAX_RULES) {
    report.fault(['rules'], `has more than ${MAX_RULES} rules`, 'use patterns with *');
  }
  return {
    origin,
    rules: rules.map(({ namespaces = [], serviceAccounts = ['*'], roles = [] }) => ({
      namespaces,
      serviceAccounts,
      roles,
    })),
    unlisted: UNLISTED.find((one) => one === read?.unlisted) ?? 'deny',
  };
}
