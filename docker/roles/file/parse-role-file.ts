import { asObject } from '../../../lib/json/json.ts';
import { type FieldPath, type FieldType, listOf, objectOf } from '../../../lib/yaml/fields.ts';
import { readYamlFile } from '../../../lib/yaml/read-yaml-file.ts';
import type { RoleRules } from '../choose-role.ts';
import type { ContainerRule } from '../container-rule.ts';
import { matcherFields, roleField, sessionPolicyField } from './fields.ts';

/** Most rules of a role file. Each container is compared with all of them. */
const MAX_RULES = 1_000;

type Bounds = Pick<RoleRules, 'allow' | 'baseRoleArn'>;

/**
 * Parses a role file: a list of rules in the order in which they are tried. `roles: []` gives no container a
 * role. Faults are also a role that `--allow` does not include, and a second rule for the same containers,
 * which could never count.
 * @param origin name of the file, for messages
 * @throws PodroleError `INVALID_ROLE_FILE` with every fault, each with its line
 */
export function parseRoleFile(text: string, origin: string, bounds: Bounds): readonly ContainerRule[] {
  const content = 'roles: and a list of rules';
  return readYamlFile({ text, origin, code: 'INVALID_ROLE_FILE', content }, (value, report, lineOf) => {
    const file = objectOf({ roles: listOf(ruleField(bounds, lineOf)) }, ['roles'])(value, [], report);
    const rules = file?.roles ?? [];
    if (rules.length > MAX_RULES) {
      report.fault(['roles'], `has more than ${MAX_RULES} rules`, 'use patterns with *');
    }
    return rules;
  });
}

const MATCHERS = ['container', 'service', 'image'] as const;

function ruleField(bounds: Bounds, lineOf: (path: FieldPath) => number): FieldType<ContainerRule> {
  const fields = objectOf({ ...matcherFields, role: roleField(bounds), policy: sessionPolicyField }, [
    'role',
  ]);
  const firstLines = new Map<string, number>();
  return (value, path, report) => {
    const read = fields(value, path, report);
    const given = asObject(value);
    if (!read || !given) return undefined;
    // Without its value, a rule would match more containers, or give more rights, than its author meant.
    for (const name of [...MATCHERS, 'policy']) {
      if (given[name] === null) report.fault([...path, name], 'is empty', 'give it a value, or leave it out');
    }
    if (!MATCHERS.some((name) => name in given)) {
      report.fault(path, 'names no container', 'give container, service or image');
    }
    const line = lineOf(path);
    const { role, policy: sessionPolicy, container, service, image } = read;
    if (!role) return undefined;
    const key = JSON.stringify(MATCHERS.map((name) => given[name]));
    const first = firstLines.get(key);
    if (first === undefined) firstLines.set(key, line);
    else report.fault(path, `is for the same containers as line ${first}`, 'leave one of them');
    return { container, service, image, role, sessionPolicy, line };
  };
}
