import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { platformDigests, type ReleasedImage } from './image.ts';
import { nodeVersionOf, type Platform } from './node-binary.ts';
import { blobPath, readJsonBlob } from './oci-layout.ts';
import { runTool } from './run-tool.ts';
import type { ReleaseSettings } from './settings.ts';

type Component = JsonObject & { readonly 'bom-ref': string };

/**
 * Writes a bill of materials in CycloneDX.
 * @param name of the file
 * @param more components besides the npm packages of the bundle
 */
export function writeSbom(settings: ReleaseSettings, name: string, more: readonly Component[]): void {
  const { root, output, epochSeconds } = settings;
  const bundle = asObject(JSON.parse(readFileSync(join(root, 'dist/documents/sbom.cdx.json'), 'utf8'))) ?? {};
  const metadata = {
    ...asObject(bundle['metadata']),
    timestamp: new Date(epochSeconds * 1000).toISOString(),
  };
  const components = [...(asArray(bundle['components']) ?? []), ...more];
  const sbom = { ...bundle, metadata, components };
  writeFileSync(join(output, name), `${JSON.stringify(sbom, null, 1)}\n`);
}

/** Returns the Node versions of some platforms as components. */
export function nodeComponents(platforms: readonly Platform[]): readonly Component[] {
  return [...new Set(platforms.map(nodeVersionOf))].map((version) => {
    const purl = `pkg:generic/node@${version}`;
    return { type: 'platform', name: 'node', version, 'bom-ref': purl, purl };
  });
}

/** Returns the Debian packages that files of an image are from, for all its platforms. */
export function debianComponents(image: ReleasedImage): readonly Component[] {
  return platformDigests(image).flatMap((digest) => {
    const layers = asArray(readJsonBlob(image.layout, digest)['layers']) ?? [];
    return layers.flatMap((layer) => {
      const blob = blobPath(image.layout, asText(asObject(layer)?.['digest']) ?? '');
      // A pattern that nothing matches is an error of tar.
      const files = runTool('tar', ['-tzf', blob])
        .split('\n')
        .filter((file) => /var\/lib\/dpkg\/status\.d\/./.test(file));
      return files.length === 0 ? [] : parseStatus(runTool('tar', ['-xzOf', blob, ...files]));
    });
  });
}

function parseStatus(stanzas: string): readonly Component[] {
  return stanzas.split(/^(?=Package: )/m).map((stanza) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
    const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
    return { type: 'library', name, version, 'bom-ref': purl, purl };
  });
}
