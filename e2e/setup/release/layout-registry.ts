import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

interface LayoutRegistry {
  /** Host and port. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves an unpacked OCI layout as a registry, for pulling: what `oras cp` makes of it. */
export async function startLayoutRegistry(layout: string): Promise<LayoutRegistry> {
  const [entry] = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests;
  const tag = entry.annotations['org.opencontainers.image.ref.name'];
  const server = createServer((request, response) => {
    const [, kind, reference = ''] = /\/(manifests|blobs)\/([\w:.-]+)$/.exec(request.url ?? '') ?? [];
    const digest = kind === 'manifests' && reference === tag ? entry.digest : reference;
    try {
      const content =
        kind === undefined ? '{}' : readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
      const type = kind === 'manifests' ? entry.mediaType : 'application/octet-stream';
      response.writeHead(200, {
        'content-type': type,
        'content-length': content.length,
        'docker-content-digest': digest,
      });
      response.end(request.method === 'HEAD' ? undefined : content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
