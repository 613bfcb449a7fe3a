import { asObject, asText } from '../../lib/json/json.ts';
import { listOf, nameOf } from '../pod-parts.ts';

/** The value of a variable: literal, or from a Secret or ConfigMap in the namespace of the pod. */
export type OwnValue = { readonly value: string } | { readonly valueFrom: object };

/**
 * Returns the value that a container gives to the first of these variables that it sets; undefined if it sets
 * none, or if only that container knows the value.
 */
export function ownValue(container: unknown, variables: readonly string[]): OwnValue | undefined {
  const env = listOf(asObject(container)?.['env']) ?? [];
  for (const name of variables) {
    // If several variables have one name, Kubernetes uses the last one.
    const variable = asObject(env.findLast((item) => nameOf(item) === name));
    const value = asText(variable?.['value']);
    // A reference to another variable of that container has no meaning elsewhere.
    if (value) return value.includes('$(') ? undefined : { value };
    const source = asObject(variable?.['valueFrom']);
    const valueFrom =
      source && Object.fromEntries(KEY_SOURCES.map((key) => [key, source[key]]).filter(isGiven));
    if (valueFrom && Object.keys(valueFrom).length === 1) return { valueFrom };
  }
  return undefined;
}

const KEY_SOURCES = ['secretKeyRef', 'configMapKeyRef'];

function isGiven([, source]: readonly unknown[]): boolean {
  return asObject(source) !== undefined;
}

/** Returns the value on which those containers agree that set one of these variables. */
export function agreedValue(
  containers: readonly unknown[],
  variables: readonly string[],
): OwnValue | undefined {
  return sole(containers.map((container) => ownValue(container, variables)));
}

/** Returns the one value among those that are defined; undefined if they differ, or if there is none. */
export function sole<T>(values: readonly (T | undefined)[]): T | undefined {
  const different = differentOf(values);
  return different.length === 1 ? different[0] : undefined;
}

/** Returns the different values among those that are defined. */
export function differentOf<T>(values: readonly (T | undefined)[]): readonly T[] {
  const byText = new Map<string, T>();
  for (const value of values) if (value !== undefined) byText.set(JSON.stringify(value), value);
  return [...byText.values()];
}
