import { ExchangeError } from './exchange-error.ts';
import { DEFAULT_ACTION, type StsSpeaker, stsRefusal } from './sts-refusal.ts';
import { elementAt, parseXml, type XmlElement } from './xml-tree.ts';

/** Credentials as an answer of STS holds them. */
export interface StsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  /** ARN of the session; undefined if the STS, such as MinIO, does not name it. */
  readonly assumedRoleArn: string | undefined;
}

/**
 * Reads the credentials in the answer to a speaker's action. Of the body, errors contain only the code
 * and the message of STS, without the secrets that it repeats.
 * @throws ExchangeError `STS_REFUSED`, `STS_FAILED`, `STS_ANSWER_INVALID`
 */
export function readStsAnswer(status: number, body: string, speaker: StsSpeaker): StsCredentials {
  const { object, action = DEFAULT_ACTION } = speaker;
  const root = parseXml(body);
  if (status !== 200) throw stsRefusal(status, root, speaker);
  const result = root?.name === `${action}Response` ? elementAt(root, `${action}Result`) : undefined;
  const credentials = elementAt(result, 'Credentials');
  if (credentials === undefined)
    throw invalid(object, `without credentials, in an answer of ${body.length} characters`);
  const value = (field: string) => {
    const element = elementAt(credentials, field);
    const text = element?.text.trim() ?? '';
    if (element?.children.length !== 0 || !/^[!-~]+$/.test(text))
      throw invalid(object, `without a valid ${field}`);
    return text;
  };
  const expiration = new Date(dateText(value('Expiration')));
  if (Number.isNaN(expiration.getTime())) throw invalid(object, 'with an Expiration that is not a date');
  return {
    accessKeyId: value('AccessKeyId'),
    secretAccessKey: value('SecretAccessKey'),
    sessionToken: value('SessionToken'),
    expiration,
    assumedRoleArn: assumedRoleArn(result),
  };
}

function assumedRoleArn(result: XmlElement | undefined): string | undefined {
  const arn = elementAt(result, 'AssumedRoleUser', 'Arn')?.text.trim() ?? '';
  return /^arn:[!-~]{1,500}$/.test(arn) ? arn : undefined;
}

/** Requires a date with its zone: `new Date` would also accept `1` or a local time. */
function dateText(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : 'none';
}

function invalid(object: string, problem: string): ExchangeError {
  return new ExchangeError(
    {
      code: 'STS_ANSWER_INVALID',
      object,
      problem: `answered 200 ${problem}`,
      remedy: 'check that this address is an STS, and that no proxy answers in its place',
    },
    'soon',
  );
}
