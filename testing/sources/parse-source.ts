import { type ParserOptions, parse } from '@babel/parser';

/** A node of the syntax tree, in the shape of ESTree and typescript-estree. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly loc: { readonly start: { readonly line: number } };
  readonly [member: string]: unknown;
}

export interface ParsedSource {
  readonly program: SyntaxNode;
  /** Every comment, as offsets in the source. */
  readonly comments: readonly { readonly start: number; readonly end: number }[];
}

const OPTIONS: ParserOptions = {
  sourceType: 'module',
  plugins: ['typescript', 'estree'],
};

/**
 * Parses a TypeScript source, types and comments included.
 * @throws SyntaxError
 */
export function parseSource(typeScript: string): ParsedSource {
  const { program, comments } = parse(typeScript, OPTIONS);
  return {
    program: program as unknown as SyntaxNode,
    comments: (comments ?? []).map(({ start = 0, end = 0 }) => ({ start, end })),
  };
}

/** Calls `see` for a node and then for all nodes below it, in the order of the source. */
export function visitNodes(value: unknown, see: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitNodes(item, see);
    return;
  }
  const node = asNode(value);
  if (!node) return;
  see(node);
  for (const [name, member] of Object.entries(node)) {
    if (name !== 'loc' && !name.endsWith('Comments')) visitNodes(member, see);
  }
}

export function asNode(value: unknown): SyntaxNode | undefined {
  return typeof value === 'object' && value !== null && 'type' in value ? (value as SyntaxNode) : undefined;
}
