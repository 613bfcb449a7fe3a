import { readFileSync } from 'node:fs';

const LAUNCHER = new URL('../image/podrole', import.meta.url);

/**
 * The options of Node by which the image starts a command of podrole, so that figures are those of what users run.
 * @throws where the image's launcher does not know it
 */
export function imageOptionsOf(command: string): readonly string[] {
  for (const [, commands = '', options = ''] of readFileSync(LAUNCHER, 'utf8').matchAll(
    /^ *(\w+(?: \| \w+)*)\) exec node (.*?) ?\/usr\//gm,
  )) {
    if (commands.split(' | ').includes(command)) return options.split(' ');
  }
  throw new Error(`image/podrole has no options for podrole ${command}`);
}
