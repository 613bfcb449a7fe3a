/**
 * A JSON document spaced as the real service spaces it, a member a line with ` : ` between name and value: shell scripts cut it up by
 * those.
 * @param members all of them texts; those that are undefined are left out
 */
export function spacedJson(members: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(members)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `  ${JSON.stringify(name)} : ${JSON.stringify(text)}`);
  return `{\n${lines.join(',\n')}\n}`;
}
