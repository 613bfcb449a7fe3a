import { messageOf, PodroleError } from '../lib/errors.ts';

/**
 * Returns what is made of a file's content.
 * @param flag that named the file
 * @throws PodroleError `INVALID_FILE` in place of whatever `use` throws
 */
export function orInvalidFile<T>(flag: string, file: string, use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    throw new PodroleError(
      { code: 'INVALID_FILE', object: `${flag} ${file}`, problem: messageOf(thrown), remedy: 'fix the file' },
      { cause: thrown },
    );
  }
}
