// The program of the pod: an unmodified AWS SDK, without credentials and without configuration.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

try {
  const { Arn, Account } = await new STSClient({ maxAttempts: 1 }).send(new GetCallerIdentityCommand({}));
  process.stdout.write(`${JSON.stringify({ Arn, Account })}\n`);
} catch (error) {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
}
