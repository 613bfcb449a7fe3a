import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { sha256 } from './archive.ts';

/** Descriptor of the OCI image specification. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: JsonObject;
}

export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** Returns the path of a blob in a layout. */
export function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'));
}

/** Adds a blob to a layout. An object is written as JSON. */
export function writeBlob(layout: string, mediaType: string, content: Buffer | object): Descriptor {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  const digest = `sha256:${sha256(bytes)}`;
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  writeFileSync(blobPath(layout, digest), bytes);
  return { mediaType, digest, size: bytes.length };
}

/**
 * Completes a layout with one entry.
 * @param name whole name with a tag: tools of containerd and of Docker read it
 */
export function writeLayoutIndex(layout: string, entry: Descriptor, name: string): void {
  const tag = name.slice(name.lastIndexOf(':') + 1);
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': tag };
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: [{ ...entry, annotations }] };
  writeFileSync(join(layout, 'index.json'), JSON.stringify(index));
}

/** Returns the only entry of a layout. */
export function layoutEntry(layout: string): Descriptor {
  const index = asObject(JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')));
  const { mediaType, digest, size } = asObject(asArray(index?.['manifests'])?.[0]) ?? {};
  return { mediaType: asText(mediaType) ?? MANIFEST, digest: asText(digest) ?? '', size: Number(size) };
}

/** Returns a blob that is JSON. */
export function readJsonBlob(layout: string, digest: string): JsonObject {
  return asObject(JSON.parse(readFileSync(blobPath(layout, digest), 'utf8'))) ?? {};
}
