/**
 * Formats a JSON document like the real service: one member per line, with ` : ` between name and value.
 * Shell scripts split it by these.
 * @param members undefined ones are left out
 */
export function spacedJson(members: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(members)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `  ${JSON.stringify(name)} : ${JSON.stringify(text)}`);
  return `{\n${lines.join(',\n')}\n}`;
}
