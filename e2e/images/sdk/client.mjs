// client.mjs [--every <seconds>]: prints the caller identity of the SDK's default credentials, as JSON.
// With --every it repeats that until it is ended, and prints one line per failure.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const { every } = parseArgs({ options: { every: { type: 'string' } } }).values;
const client = new STSClient({});

async function callerIdentity() {
  const { Account, Arn, UserId } = await client.send(new GetCallerIdentityCommand({}));
  return { Account, Arn, UserId };
}

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
// Process 1 of a container ignores the signal without a handler.
process.once('SIGTERM', () => process.exit(0));
try {
  do {
    const identity = callerIdentity();
    print(await (every ? identity.catch(({ name, message }) => ({ error: name, message })) : identity));
    if (every) await setTimeout(Number(every) * 1000);
  } while (every);
} catch ({ name, message }) {
  process.stderr.write(`${name}: ${message}\n`);
  process.exitCode = 1;
}
