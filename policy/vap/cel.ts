/** Returns a string as a literal of CEL, whose escapes include those of JSON. */
export function celString(text: string): string {
  return JSON.stringify(text);
}

/** Characters that RE2 does not take for themselves. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

/**
 * Returns a condition of CEL that is true if a string matches a pattern in which `*` stands for any number of
 * characters. The ends are compared first: that costs the API server less than a regular expression.
 * @param subject expression of the string
 */
export function starCondition(subject: string, pattern: string): string {
  const [first = '', ...others] = pattern.split(/\*+/);
  if (others.length === 0) return `${subject} == ${celString(first)}`;
  if (others.length === 1 && others[0] === '') {
    return first === '' ? 'true' : `${subject}.startsWith(${celString(first)})`;
  }
  const last = others.at(-1) ?? '';
  const ends = [
    first === '' ? 'true' : `${subject}.startsWith(${celString(first)})`,
    last === '' ? 'true' : `${subject}.endsWith(${celString(last)})`,
  ];
  if (others.length === 1) return allOf([`size(${subject}) >= ${first.length + last.length}`, ...ends]);
  const expression = [first, ...others].map((part) => part.replace(SPECIAL, '\\$&')).join('.*');
  return allOf([...ends, `${subject}.matches(${celString(`(?s)^${expression}$`)})`]);
}

/** Joins conditions by `||`, in brackets; `false` without any. */
export function anyOf(conditions: readonly string[]): string {
  if (conditions.includes('true')) return 'true';
  return conditions.length === 0 ? 'false' : `(${conditions.join(' || ')})`;
}

/** Joins conditions by `&&`, without those that are always true. */
export function allOf(conditions: readonly string[]): string {
  const needed = conditions.filter((condition) => condition !== 'true');
  return needed.length === 0 ? 'true' : `(${needed.join(' && ')})`;
}
