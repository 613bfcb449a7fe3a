/** A JSON object whose members have not been narrowed yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Returns the value if it is a JSON object; undefined for null, arrays and everything else. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** Returns the value if it is an array; undefined for everything else. */
export function asArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** Returns the objects in a list that may be absent or malformed. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return (asArray(value) ?? []).map(asObject).filter((item) => item !== undefined);
}

/** Returns the value if it is a string; undefined for everything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
