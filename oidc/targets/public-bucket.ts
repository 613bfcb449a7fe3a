import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { partitionOfRegion } from '../../lib/arn.ts';
import { PodroleError } from '../../lib/errors.ts';
import { s3Fault } from './s3-faults.ts';
import type { PublicationTarget } from './target.ts';

/** A bucket whose policy lets anonymous readers get these objects and nothing else. */
export interface PublicBucket {
  readonly bucket: string;
  /** Keys of the objects that everybody may read. */
  readonly publicKeys: readonly string[];
}

/**
 * A target in a bucket that is created when the first document is stored; until then the target is empty.
 * @param report called with one line for each thing that was done
 */
export function createBucketWhenMissing(
  target: PublicationTarget,
  s3: S3Client,
  bucket: PublicBucket,
  report: (line: string) => void,
): PublicationTarget {
  let made: Promise<void> | undefined;
  const make = async () => {
    try {
      for (const line of await ensurePublicBucket(s3, bucket)) report(line);
    } catch (thrown) {
      made = undefined;
      throw thrown instanceof PodroleError ? thrown : s3Fault('create', `s3://${bucket.bucket}`, thrown);
    }
  };
  return {
    ...target,
    read: async (path) => {
      try {
        return await target.read(path);
      } catch (thrown) {
        if (thrown instanceof Error && nameOf(thrown.cause) === 'NoSuchBucket') return undefined;
        throw thrown;
      }
    },
    replace: async (path, document, revision) => {
      made ??= make();
      await made;
      await target.replace(path, document, revision);
    },
  };
}

/**
 * Creates a bucket, unless it exists, and lets everybody read the objects with these keys. ACLs stay off, as
 * S3 has them by default. After an interruption, the next run finishes the job. A policy of somebody else is
 * never replaced.
 * @returns what was done, one line each; empty if nothing was missing
 * @throws PodroleError `BUCKET_POLICY_EXISTS`; what the SDK throws if a call is refused
 */
async function ensurePublicBucket(s3: S3Client, wanted: PublicBucket): Promise<readonly string[]> {
  const done: string[] = [];
  const { bucket } = wanted;
  const region = await s3.config.region();
  const found = await missingAs('NotFound', () => s3.send(new HeadBucketCommand({ Bucket: bucket })));
  if (!found) {
    // The SDK adds the location constraint of its region.
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    done.push(`created bucket ${bucket} in ${region}`);
  }
  const policy = await missingAs('NoSuchBucketPolicy', async () => {
    const answer = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    return answer.Policy;
  });
  const statement = readStatement(wanted, partitionOfRegion(region));
  if (policy !== undefined) {
    if (!holdsStatement(policy, statement)) throw otherPolicy(bucket, statement);
    return done;
  }
  if (await allowPublicPolicies(s3, bucket)) done.push(`allowed bucket ${bucket} to have a public policy`);
  const opened = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: opened }));
  done.push(`allowed everybody to read ${wanted.publicKeys.join(' and ')} of bucket ${bucket}`);
  return done;
}

/**
 * Removes the two blocks against public policies; the two against public ACLs stay. S3 User Guide, "Blocking
 * public access"
 */
async function allowPublicPolicies(s3: S3Client, bucket: string): Promise<boolean> {
  const block = await missingAs('NoSuchPublicAccessBlockConfiguration', async () => {
    const answer = await s3.send(new GetPublicAccessBlockCommand({ Bucket: bucket }));
    return answer.PublicAccessBlockConfiguration;
  });
  if (!block?.BlockPublicPolicy && !block?.RestrictPublicBuckets) return false;
  const opened = { ...block, BlockPublicPolicy: false, RestrictPublicBuckets: false };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: opened }));
  return true;
}

interface ReadStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: '*';
  readonly Action: 's3:GetObject';
  readonly Resource: readonly string[];
}

function readStatement({ bucket, publicKeys }: PublicBucket, partition: string): ReadStatement {
  return {
    Sid: 'PodroleIssuer',
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: publicKeys.map((key) => `arn:${partition}:s3:::${bucket}/${key}`),
  };
}

/** Returns whether podrole wrote this policy for these keys, so that nothing needs to be done. */
function holdsStatement(policy: string, { Sid, Resource }: ReadStatement): boolean {
  return policy.includes(`"${Sid}"`) && Resource.every((arn) => policy.includes(`"${arn}"`));
}

function otherPolicy(bucket: string, statement: ReadStatement): PodroleError {
  return new PodroleError({
    code: 'BUCKET_POLICY_EXISTS',
    object: `bucket ${bucket}`,
    problem: "has a policy that does not let everybody read the issuer's documents",
    remedy: `leave out --create-bucket, and add this statement to the policy yourself: ${JSON.stringify(statement)}`,
  });
}

/** Returns the answer, or undefined if the service answers with the error of this name. */
async function missingAs<T>(absentName: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (nameOf(thrown) === absentName) return undefined;
    throw thrown;
  }
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : '';
}
