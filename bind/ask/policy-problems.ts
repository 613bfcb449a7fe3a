import { asArray, asObject, asText, type JsonObject } from '../../lib/json/json.ts';
import { nearestName } from '../../lib/text/nearest-name.ts';

/**
 * Grammar of an identity policy, as far as IAM refuses a document for it with MalformedPolicyDocument. [iam]
 * "Grammar of the IAM JSON policy language"
 */
const VERSIONS = ['2012-10-17', '2008-10-17'];
const POLICY_ELEMENTS = ['Version', 'Id', 'Statement'];
const PRINCIPALS = ['Principal', 'NotPrincipal'];
const STATEMENT_ELEMENTS = [
  ...['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
  ...PRINCIPALS,
];
const SID = /^[A-Za-z0-9]*$/;
/** "Actions must be prefaced by a vendor". */
const ACTION = /^(?:\*|[^\s:]+:[^\s:]+)$/;
/** "Resource must be in ARN format or *". */
const RESOURCE = /^(?:\*|arn:\S.*)$/;
const COMPARISONS = [
  ...['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map(
    (name) => `String${name}`,
  ),
  ...['Numeric', 'Date'].flatMap((type) =>
    ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (name) => `${type}${name}`,
    ),
  ),
  ...['Bool', 'BinaryEquals', 'IpAddress', 'NotIpAddress'],
  ...['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike', 'Null'],
];
const MAX_EDITS = 2;

type Report = (problem: string) => void;

/**
 * Returns the reasons why IAM would refuse a document as an inline policy of a role, each as the rest of a
 * sentence about the document: `has Statement[0] without Effect`.
 */
export function policyProblems(document: unknown): readonly string[] {
  const policy = asObject(document);
  if (!policy) return ['is not a JSON object'];
  const problems: string[] = [];
  const report: Report = (problem) => problems.push(problem);
  checkElements(policy, '', POLICY_ELEMENTS, report);
  const version = policy['Version'];
  if (version !== undefined && !VERSIONS.some((known) => known === version))
    report(`has a Version that is not ${VERSIONS.join(' or ')}`);
  const given = policy['Statement'];
  const statements = asArray(given) ?? (given === undefined ? [] : [given]);
  if (statements.length === 0) report('has no Statement');
  const sids = new Set<string>();
  for (const [at, item] of statements.entries()) {
    const where = asArray(given) ? `Statement[${at}]` : 'Statement';
    const statement = asObject(item);
    if (!statement) report(`has ${where}, which is not an object`);
    else checkStatement(statement, where, sids, report);
  }
  return problems;
}

function checkStatement(statement: JsonObject, where: string, sids: Set<string>, report: Report): void {
  checkElements(statement, `${where}.`, STATEMENT_ELEMENTS, report);
  const { Sid, Effect, Condition } = statement;
  for (const element of PRINCIPALS.filter((name) => statement[name] !== undefined)) {
    report(`has ${where}.${element}, which only the policy of a resource may have`);
  }
  if (Effect === undefined) report(`has ${where} without Effect`);
  else if (Effect !== 'Allow' && Effect !== 'Deny') report(`has ${where}.Effect, which is not Allow or Deny`);
  if (Sid !== undefined) checkSid(Sid, where, sids, report);
  checkOneOf(statement, where, 'Action', { pattern: ACTION, form: 'SERVICE:ACTION or *' }, report);
  checkOneOf(statement, where, 'Resource', { pattern: RESOURCE, form: 'an ARN or *' }, report);
  if (Condition !== undefined) checkCondition(Condition, `${where}.Condition`, report);
}

function checkElements(object: JsonObject, prefix: string, known: readonly string[], report: Report): void {
  for (const name of Object.keys(object).filter((key) => !known.includes(key))) {
    const meant = nearestName(name, known, MAX_EDITS);
    const hint = meant === undefined ? '' : `: write ${meant}`;
    report(`has the unknown element ${prefix}${JSON.stringify(name).slice(1, -1)}${hint}`);
  }
}

function checkSid(sid: unknown, where: string, sids: Set<string>, report: Report): void {
  const text = asText(sid);
  if (text === undefined || !SID.test(text)) {
    report(`has ${where}.Sid, which has characters other than letters and digits`);
  } else if (text !== '' && sids.has(text)) {
    report(`has the Sid ${text} twice`);
  } else sids.add(text);
}

interface Form {
  readonly pattern: RegExp;
  readonly form: string;
}

/** Checks that a statement has either `Action` or `NotAction`, with strings of the right form. */
function checkOneOf(
  statement: JsonObject,
  where: string,
  name: string,
  { pattern, form }: Form,
  report: Report,
): void {
  const present = [name, `Not${name}`].filter((element) => statement[element] !== undefined);
  if (present.length === 0) report(`has ${where} without ${name} or Not${name}`);
  if (present.length === 2) report(`has ${where} with both ${name} and Not${name}`);
  for (const element of present) {
    const values = asArray(statement[element]) ?? [statement[element]];
    if (values.length === 0) report(`has ${where}.${element}, which is empty`);
    const wrong = values.find((value) => typeof value !== 'string' || !pattern.test(value));
    if (wrong !== undefined) {
      const shown = typeof wrong === 'string' ? JSON.stringify(wrong) : 'a value';
      report(`has ${where}.${element} with ${shown}, which is not ${form}`);
    }
  }
}

function checkCondition(condition: unknown, where: string, report: Report): void {
  const block = asObject(condition);
  if (!block) report(`has ${where}, which is not an object`);
  for (const [operator, keys] of Object.entries(block ?? {})) {
    const at = `${where}.${operator}`;
    const [, set, comparison = '', suffix] =
      /^(ForAnyValue:|ForAllValues:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
    const isKnown = COMPARISONS.some((known) => known.toLowerCase() === comparison.toLowerCase());
    if (!isKnown || (comparison === 'Null' && (set || suffix))) {
      report(`has ${at}, which is not a condition operator`);
    }
    if (!asObject(keys)) report(`has ${at}, which is not an object of condition keys`);
    for (const [key, value] of Object.entries(asObject(keys) ?? {})) {
      const values = asArray(value) ?? [value];
      const isPlain = values.every((item) => ['string', 'number', 'boolean'].includes(typeof item));
      if (!isPlain) report(`has ${at} with a value of ${key} that is not a string, number or boolean`);
    }
  }
}
