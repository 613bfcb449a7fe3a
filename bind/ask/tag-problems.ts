import { IAM_ROLE, IAM_TAG_RULES } from '../../lib/contract/iam.ts';
import { IAM_TAG } from '../../lib/contract/podrole.ts';

/** Returns the problems for which IAM would refuse a user's tags. Room is left for podrole's own tags. */
export function tagProblems(tags: Readonly<Record<string, string>>): readonly string[] {
  const { maxKeyLength, maxValueLength, characters } = IAM_TAG_RULES;
  const problems: string[] = [];
  const room = IAM_ROLE.maxTags - Object.keys(IAM_TAG).length;
  if (Object.keys(tags).length > room) problems.push(`has more than ${room} tags besides podrole's own`);
  const seen = new Map<string, string>();
  for (const [key, value] of Object.entries(tags)) {
    const tag = `the tag ${JSON.stringify(key)}`;
    const twin = seen.get(key.toLowerCase());
    if (twin !== undefined)
      problems.push(`has ${tag} and ${JSON.stringify(twin)}, which are the same for IAM`);
    seen.set(key.toLowerCase(), key);
    if (key.length === 0 || key.length > maxKeyLength)
      problems.push(`has ${tag}, which is not 1 to ${maxKeyLength} characters long`);
    if (value.length > maxValueLength)
      problems.push(`has ${tag} with a value longer than ${maxValueLength} characters`);
    if (!characters.test(key) || !characters.test(value)) {
      problems.push(`has ${tag} with characters other than letters, digits, white space and _.:/=+-@`);
    }
    if (/^aws:/i.test(key)) problems.push(`has ${tag}, whose prefix is reserved by AWS`);
    if (Object.values<string>(IAM_TAG).includes(key)) problems.push(`has ${tag}, which podrole sets itself`);
  }
  return problems;
}
