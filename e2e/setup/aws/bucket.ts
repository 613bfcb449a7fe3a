import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type AwsServer, clientOptions } from '../../aws/aws-server.ts';

/** An object with its response headers. */
interface BucketObject {
  readonly content: string;
  readonly contentType?: string | undefined;
  readonly cacheControl?: string | undefined;
  /** Time of the last write. */
  readonly lastModified?: Date | undefined;
}

export type BucketContent = Readonly<Record<string, BucketObject>>;

/** A bucket with the access of its owner. */
interface Bucket {
  /** By key. */
  read(): Promise<BucketContent>;
  put(key: string, object: BucketObject): Promise<void>;
  /** Replaces all objects by these. */
  restore(content: BucketContent): Promise<void>;
}

/** Creates a bucket with public objects. */
export async function createPublicBucket(server: AwsServer, name: string): Promise<Bucket> {
  const s3 = new S3Client(clientOptions(server));
  const inBucket = { Bucket: name };
  await s3.send(new CreateBucketCommand(inBucket));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${name}/*` },
    ],
  });
  await s3.send(new PutBucketPolicyCommand({ ...inBucket, Policy }));
  const keys = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command(inBucket));
    return Contents.map(({ Key = '' }) => Key);
  };
  const get = async (Key: string): Promise<[string, BucketObject]> => {
    const { Body, ContentType, CacheControl, LastModified } = await s3.send(
      new GetObjectCommand({ ...inBucket, Key }),
    );
    const content = (await Body?.transformToString()) ?? '';
    return [
      Key,
      { content, contentType: ContentType, cacheControl: CacheControl, lastModified: LastModified },
    ];
  };
  const put = async (Key: string, { content, contentType, cacheControl }: BucketObject) => {
    const object = { Key, Body: content, ContentType: contentType, CacheControl: cacheControl };
    await s3.send(new PutObjectCommand({ ...inBucket, ...object }));
  };
  return {
    put,
    read: async () => Object.fromEntries(await Promise.all((await keys()).map(get))),
    async restore(content) {
      for (const Key of await keys())
        if (!(Key in content)) await s3.send(new DeleteObjectCommand({ ...inBucket, Key }));
      for (const [key, object] of Object.entries(content)) await put(key, object);
    },
  };
}
