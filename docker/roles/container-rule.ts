import type { RoleArn } from '../../lib/arn.ts';
import { globMatches } from '../../lib/text/glob.ts';
import type { HostContainer } from '../containers/host-container.ts';
import { composeServiceOf } from './compose-service.ts';

/**
 * Rule of the role file. A container must match all that it names, and it names something. In each pattern,
 * `*` stands for any number of characters, also slashes, and `?` for one.
 */
export interface ContainerRule {
  /** Pattern of names of containers. */
  readonly container: string | undefined;
  /** Compose services: `SERVICE` of any project, or `PROJECT/SERVICE`, both patterns. */
  readonly service: string | undefined;
  /** Pattern of images, as `docker run` was given them. */
  readonly image: string | undefined;
  readonly role: RoleArn;
  /** IAM policy, as JSON, that narrows the session. */
  readonly sessionPolicy: string | undefined;
  /** Line of the role file. */
  readonly line: number;
}

/**
 * Longest name, service or image that is compared, and longest pattern. Longer ones match nothing: a label of
 * an image can have any length.
 */
export const RULE_TEXT_MAX_LENGTH = 512;

/** Returns true if the container matches all patterns of a rule. */
export function ruleMatches(rule: ContainerRule, container: HostContainer): boolean {
  return (
    (rule.container === undefined || matches(rule.container, container.name)) &&
    (rule.image === undefined || imageMatches(rule.image, container.image)) &&
    (rule.service === undefined || serviceMatches(rule.service, container))
  );
}

function matches(pattern: string, text: string): boolean {
  return text.length <= RULE_TEXT_MAX_LENGTH && globMatches(pattern, text);
}

/** An image without tag and digest has the tag `latest`, which a pattern such as `fluent:*` means too. */
function imageMatches(pattern: string, image: string): boolean {
  if (matches(pattern, image)) return true;
  const last = image.slice(image.lastIndexOf('/') + 1);
  return !last.includes(':') && !last.includes('@') && matches(pattern, `${image}:latest`);
}

function serviceMatches(pattern: string, container: HostContainer): boolean {
  const found = composeServiceOf(container);
  if (!found) return false;
  const slash = pattern.indexOf('/');
  if (slash < 0) return matches(pattern, found.service);
  return matches(pattern.slice(0, slash), found.project) && matches(pattern.slice(slash + 1), found.service);
}
