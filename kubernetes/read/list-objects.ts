import { asObject, type JsonObject } from '../../lib/json/json.ts';
import type { ApiAnswer, ApiClient, Limits } from '../api-client.ts';
import { apiRefused } from '../api-refusal.ts';
import { readPages } from './read-pages.ts';

/**
 * Yields the objects of a list. Gets them page by page.
 * @param path `/api/v1/namespaces/shop/pods`
 * @param parameters of the query, such as `fieldSelector`
 * @throws PodroleError `API_REFUSED`, and what `readPages` throws
 */
export async function* listObjects(
  client: Pick<ApiClient, 'getPage'>,
  path: string,
  parameters: Readonly<Record<string, string>>,
  limits: Limits,
): AsyncGenerator<JsonObject> {
  const refuse = (answer: ApiAnswer) =>
    apiRefused(path, answer, 'use a kubeconfig whose user may list these objects');
  for await (const page of readPages({ client, path, parameters, limits, parts: true, refuse })) {
    for (const item of page.objects) {
      const object = asObject(item);
      if (object) yield object;
    }
  }
}
