import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/*
 * A process that publishes PEM files to a folder. It kills itself, as `kill -9` does, before a given call
 * that touches the disk:
 *
 *     node testing/oidc/publish-until-killed.ts CALL SITE ISSUER KEYFILE…
 *
 * With a CALL beyond the last one, it publishes everything and exits with 0.
 */

const [callText, site = '', issuer = '', ...keyFiles] = process.argv.slice(2);
let left = Number(callText);

function orDie<Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) {
  return async (...args: Args): Promise<Result> => {
    left -= 1;
    if (left === 0) {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    }
    return call(...args);
  };
}

function handleOrDie(handle: FileHandle): FileHandle {
  return Object.assign(handle, {
    // The first half of the content is on the disk when the process is killed.
    writeFile: async (content: string) => {
      await handle.write(content.slice(0, content.length / 2));
      await orDie(() => handle.write(content.slice(content.length / 2)))();
    },
    sync: orDie(handle.sync.bind(handle)),
    chmod: orDie(handle.chmod.bind(handle)),
  });
}

const open = promises.open;
Object.assign(promises, {
  open: orDie(async (...args: Parameters<typeof open>) => handleOrDie(await open(...args))),
  mkdir: orDie(promises.mkdir),
  chmod: orDie(promises.chmod),
  rename: orDie(promises.rename),
});
syncBuiltinESMExports();

const { applyPublication, planPublication } = await import('../../oidc/publication/publish.ts');
const { pemKeyFiles } = await import('../../oidc/sources/pem-key-files.ts');
const { createFolderTarget } = await import('../../oidc/targets/folder.ts');
await applyPublication(
  await planPublication({
    issuer,
    target: createFolderTarget(site),
    source: pemKeyFiles(keyFiles),
    prune: false,
    tokenLifetimeSeconds: 86_400,
    x5c: false,
    now: () => new Date(0),
    signal: new AbortController().signal,
  }),
);
