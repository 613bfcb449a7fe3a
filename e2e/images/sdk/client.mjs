// client.mjs [--every <seconds>]: prints the caller identity of the SDK's default credentials, as JSON. With the
// variable S3_BUCKET it lists that bucket instead, and prints the names of the objects.
// With --every it repeats that until it is ended, and prints one line per failure. Each line has its time, `at`.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const { every } = parseArgs({ options: { every: { type: 'string' } } }).values;
const { S3_BUCKET: bucket } = process.env;
const call = bucket ? listing(new S3Client({ forcePathStyle: true })) : callerIdentity(new STSClient({}));

function callerIdentity(client) {
  return async () => {
    const { Account, Arn, UserId } = await client.send(new GetCallerIdentityCommand({}));
    return { Account, Arn, UserId };
  };
}

function listing(client) {
  return async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return { keys: Contents.map(({ Key }) => Key) };
  };
}

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
// Process 1 of a container ignores the signal without a handler.
process.once('SIGTERM', () => process.exit(0));
try {
  do {
    const result = call();
    const failed = ({ name, message }) => ({ error: name, message });
    print(every ? { at: Date.now(), ...(await result.catch(failed)) } : await result);
    if (every) await setTimeout(Number(every) * 1000);
  } while (every);
} catch ({ name, message }) {
  process.stderr.write(`${name}: ${message}\n`);
  process.exitCode = 1;
}
