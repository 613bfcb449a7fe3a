import { asObject, asText } from '../../lib/json/json.ts';
import { listOf, nameOf } from '../pod-parts.ts';

/** The value of a variable: literal, or from a Secret or ConfigMap in the namespace of the pod. */
export type OwnValue = { readonly value: string } | { readonly valueFrom: object };

/**
 * Returns the value that a container gives to the first of these variables that it sets; undefined if it sets
 * none. A value that only that container knows is `unknown`.
 */
export function ownValue(container: unknown, variables: readonly string[]): OwnValue | 'unknown' | undefined {
  const env = listOf(asObject(container)?.['env']) ?? [];
  for (const name of variables) {
    // If several variables have one name, Kubernetes uses the last one.
    const variable = asObject(env.findLast((item) => nameOf(item) === name));
    const value = asText(variable?.['value']);
    // A reference to another variable of that container has no meaning elsewhere.
    if (value) return value.includes('$(') ? 'unknown' : { value };
    const source = asObject(variable?.['valueFrom']);
    if (source) return KEY_SOURCES.some((key) => asObject(source[key])) ? { valueFrom: source } : 'unknown';
  }
  return undefined;
}

const KEY_SOURCES = ['secretKeyRef', 'configMapKeyRef'];

/** Returns the value on which those containers agree that set one of these variables. */
export function agreedValue(
  containers: readonly unknown[],
  variables: readonly string[],
): OwnValue | undefined {
  const values = containers.map((container) => ownValue(container, variables));
  const [value, ...others] = differentOf(values.map((own) => (own === 'unknown' ? undefined : own)));
  return others.length === 0 ? value : undefined;
}

/** Returns the different values among those that are defined. */
export function differentOf<T>(values: readonly (T | undefined)[]): readonly T[] {
  const byText = new Map<string, T>();
  for (const value of values) if (value !== undefined) byText.set(JSON.stringify(value), value);
  return [...byText.values()];
}
