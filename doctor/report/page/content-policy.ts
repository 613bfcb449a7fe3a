import { createHash } from 'node:crypto';

/**
 * Content-Security-Policy of the page: it runs its own script and style, by their hashes, and loads nothing.
 * So markup that came through from a name could still not run, and could not send anything away.
 */
export function contentPolicy({
  script,
  style,
}: {
  readonly script: string;
  readonly style: string;
}): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
