/**
 * client.mjs <endpoint, may be empty> <bucket> <key>: prints the object for each line of stdin, with the default
 * credentials of AWS SDK 3.
 */
import { createInterface } from 'node:readline';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';

const [endpoint, Bucket, Key] = process.argv.slice(2);
const s3 = new S3Client({ endpoint: endpoint || undefined, forcePathStyle: true });
for await (const _ of createInterface({ input: process.stdin })) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  process.stdout.write(await Body.transformToByteArray());
}
