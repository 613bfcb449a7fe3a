import { createHash } from 'node:crypto';
import type { DocumentToStore, PublicationTarget } from './target.ts';
import { targetChanged } from './target-changed.ts';

export interface MemoryTarget extends PublicationTarget {
  /** A document as it was stored, for the server. */
  get(path: string): DocumentToStore | undefined;
}

/** Documents in the memory of this process, which podrole serves itself. */
export function createMemoryTarget(): MemoryTarget {
  const documents = new Map<string, DocumentToStore>();
  const revisionOf = (path: string) => {
    const content = documents.get(path)?.content;
    return content === undefined ? undefined : createHash('sha256').update(content).digest('hex');
  };
  return {
    name: 'memory',
    get: (path) => documents.get(path),
    read: async (path) => {
      const content = documents.get(path)?.content;
      const revision = revisionOf(path);
      return content === undefined || revision === undefined ? undefined : { content, revision };
    },
    replace: async (path, document, revision) => {
      if (revisionOf(path) !== revision) throw targetChanged(path);
      documents.set(path, document);
    },
    remove: async (path) => {
      documents.delete(path);
    },
  };
}
