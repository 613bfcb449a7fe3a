import { isIP } from 'node:net';
import { type Fault, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { parseTrustPolicy } from '../../sts/policy-document.ts';
import type { TrustCondition } from '../trust/trust-entry.ts';
import type { NameProblem } from './name-problems.ts';

const OPERATOR = /^[A-Za-z:]+$/;

/**
 * Returns the conditions of `--condition 'OPERATOR KEY=VALUE,VALUE'`. An item of the comma list that does not
 * begin with an operator is a further value of the condition before it.
 * @throws PodroleError `INVALID_SETTING` with a fault for each value of another form
 */
export function parseConditions(items: readonly string[]): readonly TrustCondition[] {
  const faults: Fault[] = [];
  const found: { operator: string; key: string; value: string }[] = [];
  for (const item of items) {
    const condition = splitCondition(item);
    const last = found.at(-1);
    if (condition) found.push(condition);
    else if (last) found.push({ ...last, value: item });
    else {
      const remedy = "write 'OPERATOR KEY=VALUE', such as 'StringEquals aws:SourceVpc=vpc-1'";
      const problem = `holds ${JSON.stringify(item)}`;
      faults.push({ code: 'INVALID_SETTING', object: '--condition', problem, remedy });
    }
  }
  throwIfAny(faults);
  return joinConditions(found.map(({ value, ...condition }) => ({ ...condition, values: [value] })));
}

/** Returns the parts of `OPERATOR KEY=VALUE`; undefined for a string of another form. */
function splitCondition(item: string): { operator: string; key: string; value: string } | undefined {
  const equals = item.indexOf('=');
  const head = item.slice(0, Math.max(equals, 0)).trim();
  const blank = head.search(/\s/);
  const operator = head.slice(0, Math.max(blank, 0));
  if (!OPERATOR.test(operator)) return undefined;
  return { operator, key: head.slice(blank).trim(), value: item.slice(equals + 1).trim() };
}

/** Joins conditions of the same operator and key: one of their values must match. */
export function joinConditions(conditions: readonly TrustCondition[]): readonly TrustCondition[] {
  const byName = Map.groupBy(conditions, ({ operator, key }) => `${operator} ${key.toLowerCase()}`);
  return [...byName.values()].flatMap((same) =>
    same
      .slice(0, 1)
      .map((first) => ({ ...first, values: [...new Set(same.flatMap(({ values }) => values))] })),
  );
}

/**
 * Returns the problems for which IAM would refuse a condition or never let in anybody, and those of one that
 * would replace podrole's own.
 */
export function conditionProblems(conditions: readonly TrustCondition[]): readonly NameProblem[] {
  return conditions.flatMap(({ operator, key, values }) => {
    const named = (problem: string) => `has the condition ${operator} ${key}, which ${problem}`;
    if (/:(?:sub|aud)$/i.test(key)) {
      const remedy = 'leave it out; --subject-pattern and --token-audience decide what it would';
      return [{ problem: named("would replace podrole's own on subject or audience"), remedy }];
    }
    if (values.length === 0 || values.includes(''))
      return [{ problem: named('has an empty value'), remedy: 'give a value' }];
    const wrong = operator.includes('IpAddress') ? values.find((value) => !isAddressRange(value)) : undefined;
    if (wrong !== undefined) {
      const remedy = 'write it as 203.0.113.0/24 or 2001:db8::/32';
      return [{ problem: named(`has ${JSON.stringify(wrong)} for a range of addresses`), remedy }];
    }
    return policyFaults(operator, key, values).map(({ problem, remedy }) => ({
      problem: named(problem),
      remedy,
    }));
  });
}

/** Reads the condition as a part of a trust policy, so that both accept the same. */
function policyFaults(operator: string, key: string, values: readonly string[]): readonly Fault[] {
  const Principal = { Federated: 'arn:aws:iam::111122223333:oidc-provider/example.com' };
  const Condition = { [operator]: { [key]: values } };
  try {
    parseTrustPolicy({ Statement: { Effect: 'Allow', Principal, Action: 'sts:*', Condition } });
    return [];
  } catch (thrown) {
    if (thrown instanceof PodroleError) return thrown.faults;
    throw thrown;
  }
}

function isAddressRange(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  // IAM has no zones, as in fe80::1%eth0.
  const isPlain = isIP(address) !== 0 && !address.includes('%');
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= most);
  return isPlain && isLength && more.length === 0;
}
