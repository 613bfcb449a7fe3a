import { asNode, parseSource, type SyntaxNode, visitNodes } from '../sources/parse-source.ts';

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
  const found: FoundPattern[] = [];
  /** Names of types: a `RegExp` there makes no pattern. */
  const typeNames = new Set<unknown>();
  visitNodes(parseSource(typeScript).program, (node) => {
    if (node.type === 'TSTypeReference') typeNames.add(node['typeName']);
    const pattern = typeNames.has(node) ? undefined : patternOf(node);
    if (pattern) found.push({ line: node.loc.start.line, ...pattern });
  });
  return found;
}

function patternOf(node: SyntaxNode): Omit<FoundPattern, 'line'> | undefined {
  if (node.type === 'Literal') {
    const { pattern, flags } = (node['regex'] ?? {}) as { pattern?: string; flags?: string };
    if (pattern === undefined || flags === undefined) return undefined;
    return { text: `/${pattern}/${flags}`, literal: { source: pattern, flags } };
  }
  if (node.type === 'Identifier' && node['name'] === 'RegExp') return { text: 'RegExp' };
  if (node.type !== 'CallExpression') return undefined;
  const callee = asNode(node['callee']);
  const name = callee?.type === 'MemberExpression' ? asNode(callee['property'])?.['name'] : undefined;
  const [argument] = node['arguments'] as readonly SyntaxNode[];
  if (typeof name !== 'string' || !PATTERN_METHODS.has(name)) return undefined;
  return argument && !asNode(argument)?.['regex'] && argument.type !== 'Identifier'
    ? { text: `${name} of a ${argument.type}` }
    : undefined;
}
