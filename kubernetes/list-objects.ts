import { LIST_PAGE_SIZE } from '../lib/contract.ts';
import { PodroleError } from '../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json.ts';
import { type ApiClient, describeAnswer, type Limits } from './api-client.ts';

/**
 * The objects of a list, page by page.
 * @param path `/api/v1/namespaces/shop/pods`
 * @param parameters of the query, such as `fieldSelector`
 * @throws PodroleError `API_REFUSED`, and what `get` throws
 */
export async function* listObjects(
  client: ApiClient,
  path: string,
  parameters: Readonly<Record<string, string>>,
  limits: Limits,
): AsyncGenerator<JsonObject> {
  let next: string | undefined = '';
  while (next !== undefined) {
    const page: string = next ? `&continue=${encodeURIComponent(next)}` : '';
    const query = new URLSearchParams({ ...parameters, limit: String(LIST_PAGE_SIZE) });
    const answer = await client.get(`${path}?${query}${page}`, limits);
    if (answer.status !== 200) throw refused(path, describeAnswer(answer));
    const list = asObject(answer.body);
    // An empty list may come as null from a server written in Go.
    for (const item of asArray(list?.['items']) ?? []) {
      const object = asObject(item);
      if (object) yield object;
    }
    next = asText(asObject(list?.['metadata'])?.['continue']) || undefined;
  }
}

function refused(path: string, problem: string): PodroleError {
  return new PodroleError({
    code: 'API_REFUSED',
    object: `API server ${path}`,
    problem,
    remedy: 'use a kubeconfig whose user may list these objects',
  });
}
