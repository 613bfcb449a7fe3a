import { createHash, randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FaultCode } from '../../lib/errors/code.ts';
import { codeOf, messageOf, PodroleError } from '../../lib/errors.ts';
import { makeFolder } from '../../lib/files/make-folder.ts';
import { MAX_FILE_BYTES, readRegularFile } from '../../lib/files/read-file.ts';
import { syncFolder } from '../../lib/files/sync-folder.ts';
import { writeNewFile } from '../../lib/files/write-new-file.ts';
import { documentPath } from './document-path.ts';
import type { PublicationTarget, StoredDocument } from './target.ts';
import { targetChanged } from './target-changed.ts';

/** Readable whatever user the web server runs as. */
const MODE = { file: 0o644, folder: 0o755 } as const;

/**
 * A folder that a web server serves as the root of a site. A document is written to the disk, then renamed
 * within its folder: readers see either the old or the new document, also after a crash.
 */
export function createFolderTarget(root: string): PublicationTarget {
  const name = `folder ${root}`;
  const fileOf = (path: string) => join(root, ...documentPath(path));
  const read = async (path: string): Promise<StoredDocument | undefined> => {
    try {
      const content = (await readRegularFile(fileOf(path), MAX_FILE_BYTES.configuration)).toString('utf8');
      return { content, revision: createHash('sha256').update(content).digest('hex') };
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return undefined;
      throw fault('TARGET_UNREADABLE', fileOf(path), thrown);
    }
  };
  return {
    name,
    read,
    replace: async (path, { content }, revision) => {
      const file = fileOf(path);
      if ((await read(path))?.revision !== revision) throw targetChanged(file);
      const draft = join(dirname(file), `.podrole-${randomUUID()}`);
      try {
        await makeFolder(dirname(file), MODE.folder);
        await writeNewFile(draft, content, MODE.file);
        await rename(draft, file);
        await syncFolder(dirname(file));
      } catch (thrown) {
        await rm(draft, { force: true }).catch(() => undefined);
        throw fault('TARGET_UNWRITABLE', file, thrown);
      }
    },
    remove: async (path) => {
      await rm(fileOf(path), { force: true }).catch((thrown) => {
        throw fault('TARGET_UNWRITABLE', fileOf(path), thrown);
      });
    },
  };
}

function fault(code: FaultCode, object: string, thrown: unknown): PodroleError {
  return new PodroleError(
    { code, object, problem: messageOf(thrown), remedy: remedyOf(codeOf(thrown)) },
    { cause: thrown },
  );
}

function remedyOf(code: string | undefined): string {
  if (code === 'ENOTDIR') return 'name a folder';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'make room there';
  return 'let this process read and write there';
}
