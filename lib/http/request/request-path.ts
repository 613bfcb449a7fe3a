import type { Context } from 'koa';

/**
 * Returns the path of a request; undefined if its target is not a URL (`http://[/`). Koa throws then, which
 * would be an internal error.
 */
export function pathOf(context: Context): string | undefined {
  try {
    return context.path;
  } catch {
    return undefined;
  }
}
