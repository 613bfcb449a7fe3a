import { flagName, type SettingsTable, variableName } from '../../lib/settings/settings.ts';

/** JSON schema, as values.schema.json contains it. */
export type Schema = Readonly<Record<string, unknown>>;

/** Go's ParseBool. */
const SWITCH = {
  enum: [true, false, 'true', 'false', 'True', 'False', 'TRUE', 'FALSE', 't', 'f', 'T', 'F', '1', '0'],
};
/** Go's ParseDuration, without a sign; the command checks the minimum. */
const DURATION = { type: 'string', pattern: '^(0|([0-9]+(\\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)$' };

/**
 * Returns the schema of the variables of a command in the chart's values. An unknown PODROLE_ variable does
 * not match it, nor does a value that the command would refuse because of its form.
 * @param fixed settings that the chart itself gives to the command as flags
 */
export function settingsSchema(table: SettingsTable, fixed: readonly string[]): Schema {
  for (const name of fixed) if (!(name in table)) throw new Error(`no setting ${name}`);
  const properties: Record<string, Schema> = {};
  for (const [name, setting] of Object.entries(table)) {
    if (fixed.includes(name)) continue;
    const described = { description: `--${flagName(name)}: ${setting.help}` };
    for (const one of [name, ...(setting.aliases ?? [])]) {
      properties[variableName(one)] = { ...described, ...valueSchema(setting) };
    }
  }
  return {
    type: 'object',
    description: 'Variables of the command; docs/settings.md lists them',
    properties,
    // What SDKs, Node and proxies read. extraEnv takes all others.
    patternProperties: { '^((AWS|NODE)_[A-Z0-9_]+|(HTTPS?|NO)_PROXY)$': { type: 'string' } },
    additionalProperties: false,
  };
}

function valueSchema(setting: SettingsTable[string]): Schema {
  const { value, emptyIsUnset } = setting;
  const schema = filledSchema(setting);
  const mayBeEmpty = emptyIsUnset || (value !== '' && setting.default === '');
  if (!mayBeEmpty)
    return 'type' in schema && !('pattern' in schema) && schema['type'] === 'string'
      ? { ...schema, minLength: 1 }
      : schema;
  if ('enum' in schema) return { enum: ['', ...(schema['enum'] as readonly unknown[])] };
  return 'pattern' in schema || 'anyOf' in schema ? { anyOf: [{ const: '' }, schema] } : schema;
}

/** The schema of a value that is not empty. */
function filledSchema({ value, parse }: SettingsTable[string]): Schema {
  if (value === '') return SWITCH;
  if (value === '<duration>') return DURATION;
  const choices = /^<([^|>]+(?:\|[^|>]+)+)>$/.exec(value)?.[1]?.split('|');
  if (choices?.every((choice) => accepts(parse, choice))) return { enum: choices };
  const [, min, max] = /^a whole number from (-?\d+) to (\d+)$/.exec(refusalOf(parse, 'x')) ?? [];
  if (min !== undefined && max !== undefined) {
    return { type: ['integer', 'string'], minimum: Number(min), maximum: Number(max), pattern: '^-?[0-9]+$' };
  }
  // A number would lose its leading zeros: an account ID is a string.
  return { type: 'string' };
}

function accepts(parse: (given: string) => unknown, given: string): boolean {
  return refusalOf(parse, given) === '';
}

function refusalOf(parse: (given: string) => unknown, given: string): string {
  try {
    parse(given);
    return '';
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
