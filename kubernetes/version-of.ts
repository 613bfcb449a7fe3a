import { asText, type JsonObject } from '../lib/json/json.ts';

/**
 * Returns the version of an object as it was read, for the metadata or the preconditions of a write: the API
 * server then refuses the write if somebody changed the object in between.
 */
export function versionOf(metadata: JsonObject): { resourceVersion?: string } {
  const resourceVersion = asText(metadata['resourceVersion']);
  return resourceVersion === undefined ? {} : { resourceVersion };
}
