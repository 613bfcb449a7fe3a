import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type BucketSite, objectKey } from './bucket-site.ts';
import { type S3Act, s3Fault } from './s3-faults.ts';
import type { PublicationTarget, StoredDocument } from './target.ts';
import { targetChanged } from './target-changed.ts';

/** Errors that answer a write whose condition does not hold. S3 User Guide, "Conditional writes" */
const CHANGED = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);

/**
 * A bucket, or a prefix in it, as the root of a site. The bucket policy, or CloudFront, controls read access.
 * podrole never writes an ACL: S3 refuses them for buckets created since April 2023.
 */
export function createS3Target(client: S3Client, site: BucketSite): PublicationTarget {
  const { bucket, prefix } = site;
  const keyOf = (path: string) => objectKey(site, path);
  async function attempt<T>(act: S3Act, Key: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (thrown) {
      throw s3Fault(act, `s3://${bucket}/${Key}`, thrown);
    }
  }
  async function read(path: string): Promise<StoredDocument | undefined> {
    const Key = keyOf(path);
    return attempt('read', Key, async () => {
      try {
        const { Body, ETag = '' } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
        return { content: (await Body?.transformToString('utf-8')) ?? '', revision: ETag };
      } catch (thrown) {
        if (nameOf(thrown) === 'NoSuchKey') return undefined;
        throw thrown;
      }
    });
  }
  return {
    name: `s3://${bucket}${prefix ? `/${prefix}` : ''}`,
    read,
    replace: async (path, { content, contentType, cacheControl }, revision) => {
      const Key = keyOf(path);
      const changed = () => targetChanged(`s3://${bucket}/${Key}`);
      // Some S3-compatible servers silently ignore the condition below.
      if ((await read(path))?.revision !== revision) throw changed();
      const put: PutObjectCommandInput = {
        Bucket: bucket,
        Key,
        Body: content,
        ContentType: contentType,
        CacheControl: cacheControl,
      };
      // AWS accepts an ETag with or without quotation marks here, Ceph radosgw 16 only without.
      const condition =
        revision === undefined ? { IfNoneMatch: '*' } : { IfMatch: revision.replaceAll('"', '') };
      await attempt('write', Key, async () => {
        try {
          await client.send(new PutObjectCommand({ ...put, ...condition }));
        } catch (thrown) {
          if (nameOf(thrown) !== 'NotImplemented') throw thrown;
          await client.send(new PutObjectCommand(put));
        }
      }).catch((thrown) => {
        throw CHANGED.has(nameOf(thrown.cause)) ? changed() : thrown;
      });
    },
    remove: async (path) => {
      const Key = keyOf(path);
      await attempt('remove', Key, () => client.send(new DeleteObjectCommand({ Bucket: bucket, Key })));
    },
  };
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : '';
}
