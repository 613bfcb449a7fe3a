import type { JsonObject } from '../../../lib/json/json.ts';
import schema from './bindings.schema.json' with { type: 'json' };

/**
 * JSON schema of podrole's own bindings files, for editors and `podrole bind --print-schema`. Draft 2020-12.
 */
export const bindingsSchema: JsonObject = schema;
