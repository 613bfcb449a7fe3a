import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';

/** A label selector with its defaults filled in. [k8s] meta/v1 LabelSelector */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly LabelRequirement[];
}

/** One condition on the value of a label. */
export interface LabelRequirement {
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  readonly values: readonly string[];
}

/** Narrows a selector of the API server; an absent one selects everything. */
export function narrowSelector(selector: JsonObject | undefined): LabelSelector {
  return {
    matchLabels: textsOf(selector?.['matchLabels']),
    matchExpressions: (asArray(selector?.['matchExpressions']) ?? []).map(asObject).map((expression) => ({
      key: asText(expression?.['key']) ?? '',
      operator: asText(expression?.['operator']) ?? '',
      values: (asArray(expression?.['values']) ?? []).filter((value) => typeof value === 'string'),
    })),
  };
}

/** Returns true if a selector selects an object with these labels. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, unknown>>): boolean {
  return unmetRequirement(selector, labels) === undefined;
}

/** Returns the first requirement that the labels do not meet; undefined if the selector selects them. */
export function unmetRequirement(
  { matchLabels, matchExpressions }: LabelSelector,
  labels: Readonly<Record<string, unknown>>,
): LabelRequirement | undefined {
  const pairs = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] }));
  return [...pairs, ...matchExpressions].find((requirement) => !isMet(requirement, labels));
}

function isMet(
  { key, operator, values }: LabelRequirement,
  labels: Readonly<Record<string, unknown>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const isIn = typeof value === 'string' && values.includes(value);
  if (operator === 'In') return isIn;
  if (operator === 'NotIn') return !isIn;
  return (value !== undefined) === (operator === 'Exists');
}

/** Returns a selector as the parameter `labelSelector` of a list. [k8s] "Labels and Selectors" */
export function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const pairs = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return [...pairs, ...matchExpressions.map(describeRequirement)].join(',');
}

/** Describes a requirement as kubectl writes it: `tier in (front,back)`. */
export function describeRequirement({ key, operator, values }: LabelRequirement): string {
  if (operator === 'Exists') return key;
  if (operator === 'DoesNotExist') return `!${key}`;
  return `${key} ${operator === 'NotIn' ? 'notin' : 'in'} (${values.join(',')})`;
}

/** Returns the members of an object that are strings, such as labels and annotations. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(asObject(value) ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
