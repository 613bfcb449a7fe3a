/**
 * Returns the condition keys that the clock alone decides. [iam] "aws:CurrentTime", "aws:EpochTime"
 */
export function timeContext(now: Date): Readonly<Record<string, string>> {
  return {
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1_000)),
  };
}
