import { IAM_TAG_RULES } from '../../lib/contract/iam.ts';
import type { SessionTag } from '../sessions.ts';
import { StsError } from '../sts-error.ts';

/** [sts] AssumeRole, Tags and TransitiveTagKeys */
const MAX_TAGS = 50;
/** AWS packs tags into a binary form whose limit it does not publish. This bounds what a session keeps. */
const MAX_TOGETHER = 4_096;
const PARAMETER = /^(?:Tags\.member\.(\d+)\.(Key|Value)|TransitiveTagKeys\.member\.(\d+))$/;

/**
 * Returns the tags of a chained session: those that the call sets, and the transitive ones of the calling
 * session. [iam] "Pass session tags in AWS STS", "Chaining roles with session tags"
 * @throws StsError with the codes and messages of AWS
 */
export function readSessionTags(
  parameters: ReadonlyMap<string, string>,
  calling: readonly SessionTag[],
): readonly SessionTag[] {
  const { given, transitive } = membersOf(parameters);
  if (given.size > MAX_TAGS) {
    throw new StsError(
      'ValidationError',
      `1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to ${MAX_TAGS}`,
    );
  }
  const inherited = calling.filter(({ isTransitive }) => isTransitive);
  const asked = [...given.values()].map(({ Key, Value = '' }) => checkedTag(Key, Value, transitive));
  refuseDuplicates(asked);
  const names = new Set(asked.map(({ key }) => key.toLowerCase()));
  if (inherited.some(({ key }) => names.has(key.toLowerCase()))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  if ([...transitive].some((key) => !asked.some((tag) => tag.key === key)))
    throw invalid('The specified transitive tag key must be included in the requested tags.');
  const tags = [...inherited, ...asked];
  const together = tags.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  if (tags.length <= MAX_TAGS && together <= MAX_TOGETHER) return tags;
  throw new StsError(
    'PackedPolicyTooLarge',
    'Packed size of session tags consumes over 100% of allotted space.',
  );
}

interface TagMembers {
  /** By their number in the call. */
  readonly given: ReadonlyMap<number, Readonly<Record<string, string>>>;
  readonly transitive: ReadonlySet<string>;
}

function membersOf(parameters: ReadonlyMap<string, string>): TagMembers {
  const given = new Map<number, Readonly<Record<string, string>>>();
  const transitive = new Set<string>();
  for (const [name, value] of parameters) {
    const [, number, member = '', ofTransitive] = PARAMETER.exec(name) ?? [];
    if (ofTransitive !== undefined) transitive.add(value);
    if (number !== undefined) given.set(Number(number), { ...given.get(Number(number)), [member]: value });
  }
  return { given, transitive };
}

const { maxKeyLength, maxValueLength, characters } = IAM_TAG_RULES;

function checkedTag(key = '', value: string, transitive: ReadonlySet<string>): SessionTag {
  const isKey = key.length > 0 && key.length <= maxKeyLength && characters.test(key);
  const isValue = value.length <= maxValueLength && characters.test(value);
  if (!isKey || !isValue)
    throw new StsError(
      'ValidationError',
      `1 validation error detected: Invalid ${isKey ? 'value' : 'key'} of a tag`,
    );
  if (/^aws:/i.test(key)) throw invalid('Tag keys must not begin with aws:');
  return { key, value, isTransitive: transitive.has(key) };
}

function refuseDuplicates(tags: readonly SessionTag[]): void {
  if (new Set(tags.map(({ key }) => key.toLowerCase())).size === tags.length) return;
  throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
}

function invalid(message: string): StsError {
  return new StsError('InvalidParameterValue', message);
}
