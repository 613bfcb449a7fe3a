import { LIST_PAGE_SIZE } from '../../lib/contract/kubernetes.ts';
import { PodroleError } from '../../lib/errors.ts';
import { asText } from '../../lib/json/json.ts';
import { metadataOf } from '../../lib/kubernetes-objects.ts';
import type { ApiAnswer, ApiClient, Limits } from '../api-client.ts';
import { type Parts, parseElements, parseParts } from './json-parts.ts';
import { OBJECT_MAX_BYTES } from './lines.ts';

/**
 * Limit of a page of more than one object: 500 objects of a kilobyte or two, or thirty that their tenant
 * filled up to the limit of annotations. Such objects come in smaller pages, and in the end one by one.
 */
const PAGE_MAX_BYTES = 8 * 1024 * 1024;
/** Factor by which a page that was too large shrinks, and by which small pages grow again. */
const PAGE_FACTOR = 4;

export interface PagedList {
  readonly client: Pick<ApiClient, 'getPage'>;
  /** `/api/v1/serviceaccounts` */
  readonly path: string;
  /** Parameters of the query, such as `fieldSelector`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly limits: Limits;
  /** Wanted parts of each object. */
  readonly parts: true | Parts;
  /** Makes the error for an answer that is not a page. */
  readonly refuse: (answer: ApiAnswer) => Error;
}

export interface ListPage {
  /** Parsed one at a time from the bytes of the page, so that at most one of them is held. */
  readonly objects: Iterable<unknown>;
  /** Version of the whole list. */
  readonly resourceVersion: string | undefined;
}

/**
 * Yields the pages of a list. The size of a page follows that of the objects, so that neither side holds much
 * at once, whatever tenants store. No resourceVersion is sent: with `0` the API server ignores the limit.
 * @throws PodroleError `LIST_TOO_LARGE`; what `getPage` throws and `refuse` returns; SyntaxError
 */
export async function* readPages(list: PagedList): AsyncGenerator<ListPage> {
  const { client, path, parameters, limits, parts, refuse } = list;
  let next: string | undefined = '';
  for (let size = LIST_PAGE_SIZE; next !== undefined; ) {
    const query = new URLSearchParams({ ...parameters, limit: String(size) });
    if (next) query.set('continue', next);
    const maxBytes = size > 1 ? PAGE_MAX_BYTES : OBJECT_MAX_BYTES;
    const page = await client.getPage(`${path}?${query}`, limits, maxBytes);
    if (page === 'too large') {
      if (size === 1) throw tooLarge(path);
      size = Math.ceil(size / PAGE_FACTOR);
      continue;
    }
    if (!Buffer.isBuffer(page)) throw refuse(page);
    const metadata = metadataOf(parseParts(page, PAGE_METADATA));
    yield {
      objects: parseElements(page, 'items', parts),
      resourceVersion: asText(metadata?.['resourceVersion']),
    };
    next = asText(metadata?.['continue']) || undefined;
    if (page.length < PAGE_MAX_BYTES / PAGE_FACTOR) size = Math.min(LIST_PAGE_SIZE, size * PAGE_FACTOR);
  }
}

const PAGE_METADATA: Parts = { metadata: { resourceVersion: true, continue: true } };

function tooLarge(path: string): PodroleError {
  return new PodroleError({
    code: 'LIST_TOO_LARGE',
    object: `API server ${path}`,
    problem: `answers a page of one object with more than ${OBJECT_MAX_BYTES} bytes`,
    remedy: 'check that this is an API server of Kubernetes: its objects are smaller',
  });
}
