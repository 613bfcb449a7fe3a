import { stripTypeScriptTypes } from 'node:module';
import { type Node, parse } from 'acorn';

/** A regular expression of a source file. */
export interface FoundPattern {
  readonly line: number;
  /** As the source has it, `/\/+$/g`; `new RegExp` where it is made of data. */
  readonly text: string;
  /** Undefined where it is made of data, so that nobody can say what it is. */
  readonly literal?: { readonly source: string; readonly flags: string };
}

/** Methods of strings that make a regular expression of a string. */
const PATTERN_METHODS = new Set(['match', 'matchAll', 'search']);

/** Every regular expression of a TypeScript source: literals, and calls that make one of data. */
export function findPatterns(typeScript: string): readonly FoundPattern[] {
  const program = parse(stripTypeScriptTypes(typeScript), {
    ecmaVersion: 'latest',
    sourceType: 'module',
    allowHashBang: true,
    locations: true,
  });
  const found: FoundPattern[] = [];
  visit(program, (node) => {
    const pattern = patternOf(node);
    if (pattern) found.push({ line: node.loc?.start.line ?? 0, ...pattern });
  });
  return found;
}

type AnyNode = Node & Readonly<Record<string, unknown>>;

function patternOf(node: AnyNode): Omit<FoundPattern, 'line'> | undefined {
  if (node.type === 'Literal') {
    const { pattern, flags } = (node['regex'] ?? {}) as { pattern?: string; flags?: string };
    if (pattern === undefined || flags === undefined) return undefined;
    return { text: `/${pattern}/${flags}`, literal: { source: pattern, flags } };
  }
  if (node.type === 'Identifier' && node['name'] === 'RegExp') return { text: 'RegExp' };
  if (node.type !== 'CallExpression') return undefined;
  const callee = asNode(node['callee']);
  const name = callee?.type === 'MemberExpression' ? asNode(callee['property'])?.['name'] : undefined;
  const [argument] = node['arguments'] as readonly AnyNode[];
  if (typeof name !== 'string' || !PATTERN_METHODS.has(name)) return undefined;
  return argument && !asNode(argument)?.['regex'] && argument.type !== 'Identifier'
    ? { text: `${name} of a ${argument.type}` }
    : undefined;
}

function visit(value: unknown, see: (node: AnyNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
    return;
  }
  const node = asNode(value);
  if (!node) return;
  see(node);
  for (const member of Object.values(node)) visit(member, see);
}

function asNode(value: unknown): AnyNode | undefined {
  return typeof value === 'object' && value !== null && 'type' in value ? (value as AnyNode) : undefined;
}
