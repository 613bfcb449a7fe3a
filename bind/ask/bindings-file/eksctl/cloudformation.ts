import { IAM_ROLE } from '../../../../lib/contract/iam.ts';
import { asArray, asObject, asText, type JsonObject } from '../../../../lib/json/json.ts';
import type { FieldPath, FileReport } from '../../../../lib/yaml/fields.ts';
import type { StackParameters } from './stack-parameters.ts';

/**
 * Notations of a call that are looked for. `Ref: x` and `Fn::Sub: x` are calls only where eksctl hands the
 * value to CloudFormation: elsewhere they could be a label of that name. `!Sub x` is a call everywhere.
 */
export type Notations = 'tags' | 'all';

/** Replaces the calls of CloudFormation in a value by their results. */
export type Evaluate = (value: unknown, path: FieldPath, notations: Notations) => unknown;

/** [CloudFormation] "Intrinsic function reference" */
const FUNCTIONS = [
  ...['And', 'Base64', 'Cidr', 'Condition', 'Equals', 'FindInMap', 'GetAtt', 'GetAZs', 'If', 'ImportValue'],
  ...['Join', 'Length', 'Not', 'Or', 'Ref', 'Select', 'Split', 'Sub', 'ToJsonString', 'Transform'],
];

/** IAM accepts no longer string in a role's policies. Variables of Sub could make one of any length. */
const MAX_LENGTH = IAM_ROLE.maxInlinePoliciesLength;

const PARAMETER_START = '${AWS::';

/** Stands for the result of a call that was reported as a fault. */
const UNRESOLVED = 'unresolved';

/**
 * Returns a function that evaluates Sub, Join, and Ref to a pseudo parameter. Every other call is a fault.
 * @param owner `ServiceAccount shop/web`, for faults
 */
export function createEvaluate(parameters: StackParameters, owner: string, report: FileReport): Evaluate {
  const refuse = (path: FieldPath, problem: string, remedy: string): string => {
    report.fault(path, `${problem} (${owner})`, remedy);
    return UNRESOLVED;
  };
  /** With aliases, one object is at many places. */
  const results = { tags: new Map<object, unknown>(), all: new Map<object, unknown>() };

  const evaluate: Evaluate = (value, path, notations) => {
    if (typeof value === 'string' && notations === 'all' && value.includes(PARAMETER_START)) {
      return refuse(path, `has ${PARAMETER_START}…} outside of Fn::Sub`, 'write Fn::Sub: STRING');
    }
    if (typeof value !== 'object' || value === null) return value;
    if (!results[notations].has(value)) {
      const items = asArray(value);
      const result = items
        ? items.map((item, at) => evaluate(item, [...path, at], notations))
        : evaluateObject(asObject(value) ?? {}, path, notations);
      results[notations].set(value, result);
    }
    return results[notations].get(value);
  };

  const evaluateObject = (object: JsonObject, path: FieldPath, notations: Notations): unknown => {
    const names = Object.keys(object);
    const call = names.find((name) => isCall(name, names.length === 1, notations));
    if (call === undefined) {
      const members = names.map((name) => [name, evaluate(object[name], [...path, name], notations)]);
      return Object.fromEntries(members);
    }
    if (names.length > 1)
      return refuse(path, `has ${call} beside other members`, 'give it a place of its own');
    const result = evaluateCall(call, object[call], [...path, call]);
    return result.length <= MAX_LENGTH
      ? result
      : refuse(path, `calls ${call}, whose result is longer than ${MAX_LENGTH} characters`, 'shorten it');
  };

  const evaluateCall = (call: string, argument: unknown, path: FieldPath): string => {
    const name = call.replace(/^(?:!|Fn::)/, '');
    if (name === 'Ref') return refer(asText(argument) ?? '', path);
    if (name === 'Sub') return sub(asArray(argument) ?? [argument, {}], path);
    if (name === 'Join') return join(asArray(argument) ?? [], path);
    return FUNCTIONS.includes(name)
      ? refuse(path, 'calls a function whose result only CloudFormation knows', 'write the value itself')
      : refuse(
          path,
          `has the unknown ${call.startsWith('!') ? 'YAML tag' : 'function'} ${call}`,
          'remove it',
        );
  };

  const refer = (name: string, path: FieldPath): string => {
    const found = parameters(name);
    return found.value ?? refuse(path, `refers to ${JSON.stringify(name)}, ${found.problem}`, found.remedy);
  };

  const sub = ([template, variables, ...more]: readonly unknown[], path: FieldPath): string => {
    const given = asObject(variables);
    if (typeof template !== 'string' || !given || more.length > 0) {
      return refuse(path, 'has malformed arguments', 'write STRING or [STRING, {NAME: VALUE}]');
    }
    const values = new Map(
      Object.entries(given).map(([name, value]) => [name, scalar(value, [...path, 1, name])]),
    );
    return substitute(template, (name) => {
      const value = values.get(name) ?? refer(name, path);
      values.set(name, value);
      return value;
    });
  };

  const join = ([delimiter, given, ...more]: readonly unknown[], path: FieldPath): string => {
    const items = asArray(given);
    if (typeof delimiter !== 'string' || !items || more.length > 0) {
      return refuse(path, 'has malformed arguments', 'write [DELIMITER, [STRING, …]]');
    }
    return items.map((item, at) => scalar(item, [...path, 1, at])).join(delimiter);
  };

  const scalar = (value: unknown, path: FieldPath): string => {
    const result = evaluate(value, path, 'all');
    return ['string', 'number', 'boolean'].includes(typeof result)
      ? String(result)
      : refuse(path, 'must be a string', 'write a string, or a call that returns one');
  };

  return evaluate;
}

function isCall(name: string, isAlone: boolean, notations: Notations): boolean {
  if (name.startsWith('!')) return true;
  return notations === 'all' && (name.startsWith('Fn::') || (name === 'Ref' && isAlone));
}

/** Replaces `${NAME}` by its value, and `${!NAME}` by `${NAME}`. Stops soon after MAX_LENGTH characters. */
function substitute(template: string, lookUp: (name: string) => string): string {
  const parts: string[] = [];
  let [from, length] = [0, 0];
  while (length <= MAX_LENGTH) {
    const open = template.indexOf('${', from);
    const close = open < 0 ? -1 : template.indexOf('}', open);
    if (close < 0) return parts.join('') + template.slice(from);
    const name = template.slice(open + 2, close);
    const value = name.startsWith('!') ? `\${${name.slice(1)}}` : lookUp(name);
    const part = template.slice(from, open) + value;
    parts.push(part);
    length += part.length;
    from = close + 1;
  }
  return parts.join('');
}
