import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeTar } from './archive.ts';
import { cacheFolder, nodeBinary } from './node-binary.ts';
import {
  type Descriptor,
  INDEX,
  layoutEntry,
  readJsonBlob,
  writeBlob,
  writeLayoutIndex,
} from './oci-layout.ts';
import { runTool } from './run-tool.ts';
import type { ReleaseSettings } from './settings.ts';

/** Architectures of the image, as in the OCI image specification, and their Node. */
const ARCHITECTURES = { amd64: 'linux-x64', arm64: 'linux-arm64' } as const;
type Architecture = keyof typeof ARCHITECTURES;
const DEBIAN = 'trixie';

export interface ReleasedImage {
  /** Digest of the index of all platforms. */
  readonly digest: string;
  /** Folder of the OCI layout. */
  readonly layout: string;
}

/** Writes `podrole-image-VERSION.oci.tar`: the Dockerfile for every architecture, as one OCI archive. */
export function buildImage(settings: ReleaseSettings, work: string): ReleasedImage {
  const { output, version, image = 'podrole', epochSeconds } = settings;
  const layout = join(work, 'image');
  mkdirSync(layout);
  const buildah = buildahIn(cacheFolder());
  const manifests: Descriptor[] = [];
  for (const architecture of Object.keys(ARCHITECTURES) as Architecture[]) {
    const name = `localhost/podrole-release-${architecture}`;
    buildOne(settings, buildah, architecture, name);
    const single = join(work, `image-${architecture}`);
    runTool(buildah.program, [
      ...buildah.options,
      'push',
      '--quiet',
      `${name}:${version}`,
      `oci:${single}:${version}`,
    ]);
    cpSync(join(single, 'blobs'), join(layout, 'blobs'), { recursive: true });
    manifests.push({ ...layoutEntry(single), platform: { architecture, os: 'linux' } });
  }
  const index = writeBlob(layout, INDEX, { schemaVersion: 2, mediaType: INDEX, manifests });
  writeLayoutIndex(layout, index, `${image}:${version}`);
  const file = join(output, `podrole-image-${version}.oci.tar`);
  writeTar(layout, ['blobs', 'index.json', 'oci-layout'], file, epochSeconds);
  return { digest: index.digest, layout };
}

/** Returns the digests of the manifests of an image's platforms. */
export function platformDigests({ digest, layout }: ReleasedImage): readonly string[] {
  const { manifests } = readJsonBlob(layout, digest);
  return (manifests as Descriptor[]).map((manifest) => manifest.digest);
}

interface Buildah {
  readonly program: string;
  readonly options: readonly string[];
}

/** Storage of its own: the images in it are only steps on the way. */
function buildahIn(cache: string): Buildah {
  const storage = ['--root', join(cache, 'storage'), '--runroot', join(cache, 'run')];
  return {
    program: 'buildah',
    options: [...storage, '--storage-driver', process.env['STORAGE_DRIVER'] ?? 'overlay'],
  };
}

function buildOne(
  settings: ReleaseSettings,
  buildah: Buildah,
  architecture: Architecture,
  name: string,
): void {
  const { root, base, source = '', epochSeconds } = settings;
  const bases =
    base === undefined
      ? [`BASE=${nodeImage(buildah, architecture)}`, `BUILD_BASE=${debianImage(buildah, architecture)}`]
      : [`BASE=${base}`];
  const offline = base === undefined ? ['--pull-never'] : [];
  // A cached layer would keep the time and the labels of the commit that it was first built from.
  const options = [
    ...offline,
    '--no-cache',
    '--isolation=chroot',
    '--quiet',
    `--platform=linux/${architecture}`,
  ];
  runTool(join(root, 'image/build'), [...options, ...bases.map((one) => `--build-arg=${one}`)], {
    env: {
      IMAGE: name,
      // One word per line, because a path may contain spaces.
      IMAGE_BUILDER: [buildah.program, ...buildah.options].join('\n'),
      IMAGE_SOURCE: source,
      SOURCE_DATE_EPOCH: String(epochSeconds),
    },
  });
}

/** Returns the name of an image that contains only Node and its licence. */
function nodeImage({ program, options }: Buildah, architecture: Architecture): string {
  const { version, program: node, licence } = nodeBinary(ARCHITECTURES[architecture]);
  const name = `localhost/node-${architecture}:${version}`;
  const context = mkdtempSync(join(cacheFolder(), 'node-image.'));
  try {
    cpSync(node, join(context, 'node'));
    cpSync(licence, join(context, 'LICENSE'));
    writeFileSync(
      join(context, 'Dockerfile'),
      'FROM scratch\nCOPY node /usr/local/bin/\nCOPY LICENSE /usr/local/\n',
    );
    const build = [
      'bud',
      '--quiet',
      '--layers',
      `--platform=linux/${architecture}`,
      '--timestamp=0',
      '--tag',
      name,
    ];
    runTool(program, [...options, ...build, context]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  return name;
}

/**
 * Returns the name of an image with Debian for this machine, in which the programs are collected.
 * It claims to be of the other architecture: older versions of buildah do not read `FROM --platform`.
 */
function debianImage({ program, options }: Buildah, architecture: Architecture): string {
  const name = `localhost/debian-${architecture}:${DEBIAN}`;
  const buildah = (...args: string[]) => runTool(program, [...options, ...args]).trim();
  if (buildah('images', '--quiet', '--filter', `reference=${name}`) !== '') return name;
  const container = buildah('from', 'scratch');
  const mounted = buildah('mount', container);
  // Devices cannot be made everywhere, and none is needed.
  runTool('tar', ['-xpf', debianArchive(), '-C', mounted, '--exclude=./dev/*']);
  buildah('umount', container);
  buildah('config', '--arch', architecture, container);
  buildah('commit', '--rm', '--quiet', container, name);
  return name;
}

function debianArchive(): string {
  const file = join(cacheFolder(), `debian-${DEBIAN}.tar`);
  if (existsSync(file)) return file;
  const unfinished = `${file}.${process.pid}`;
  const options = ['--quiet', '--format=tar', '--variant=minbase', '--include=ca-certificates'];
  runTool('mmdebstrap', [...options, DEBIAN, unfinished]);
  renameSync(unfinished, file);
  return file;
}
