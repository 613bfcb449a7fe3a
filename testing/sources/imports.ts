import { asNode, parseSource, type SyntaxNode, visitNodes } from './parse-source.ts';

/** An import of a file of this repository, types and `import()` included. */
export interface Import {
  /** Path of the imported file from the root of the repository. */
  readonly path: string;
  readonly line: number;
  /** Imported names; `*` if any export may be used. */
  readonly names: readonly string[];
}

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Imports of packages and of Node's modules; `path` is the name of the module. */
  readonly packages: readonly Import[];
  /**
   * Exported values, without types: a type may be exported only because an exported function mentions it.
   */
  readonly exports: readonly string[];
}

/** Reads the imports and exports of a TypeScript source. */
export function readSource(path: string, typeScript: string): SourceFile {
  const found: Import[] = [];
  const exported: string[] = [];
  /** Names taken from the module of an `import()`, by its node. */
  const taken = new Map<unknown, readonly string[]>();
  visitNodes(parseSource(typeScript).program, (node) => {
    exported.push(...exportedNames(node));
    for (const [expression, names] of namesTakenFrom(node)) taken.set(expression, names);
    const target = moduleOf(node);
    if (target === undefined) return;
    const names = node.type === 'ImportExpression' ? (taken.get(node) ?? ['*']) : importedNames(node);
    found.push({ path: target, line: node.loc.start.line, names });
  });
  const isOwn = (each: Import) => each.path.startsWith('.');
  return {
    path,
    lines: typeScript.split('\n').length - 1,
    imports: found.filter(isOwn).map((each) => ({ ...each, path: resolve(each.path, path) })),
    packages: found.filter((each) => !isOwn(each)),
    exports: exported,
  };
}

function resolve(target: string, from: string): string {
  return new URL(target, `file:///${from}`).pathname.slice(1);
}

const WITH_SOURCE = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

function moduleOf(node: SyntaxNode): string | undefined {
  const source = WITH_SOURCE.has(node.type) ? asNode(node['source'])?.['value'] : undefined;
  return typeof source === 'string' ? source : undefined;
}

function importedNames(node: SyntaxNode): readonly string[] {
  if (node.type === 'TSImportType') return [nameOf(node['qualifier']) ?? '*'];
  return nodesOf(node['specifiers']).map((specifier) => {
    if (specifier.type === 'ImportDefaultSpecifier') return 'default';
    if (specifier.type === 'ExportSpecifier') return nameOf(specifier['local']) ?? '*';
    return nameOf(specifier['imported']) ?? '*';
  });
}

/** `const { a, b } = await import('…')` and `(await import('…')).a`. */
function namesTakenFrom(node: SyntaxNode): readonly (readonly [unknown, readonly string[]])[] {
  if (node.type === 'VariableDeclarator') {
    const expression = awaited(node['init']);
    const pattern = asNode(node['id']);
    if (!expression || pattern?.type !== 'ObjectPattern') return [];
    return [[expression, nodesOf(pattern['properties']).map((property) => nameOf(property['key']) ?? '*')]];
  }
  const expression = node.type === 'MemberExpression' ? awaited(node['object']) : undefined;
  return expression ? [[expression, [nameOf(node['property']) ?? '*']]] : [];
}

function awaited(value: unknown): SyntaxNode | undefined {
  const node = asNode(value);
  const argument = node?.type === 'AwaitExpression' ? asNode(node['argument']) : undefined;
  return argument?.type === 'ImportExpression' ? argument : undefined;
}

function exportedNames(node: SyntaxNode): readonly string[] {
  if (node.type !== 'ExportNamedDeclaration' || node['exportKind'] === 'type') return [];
  const declaration = asNode(node['declaration']);
  const declared = nodesOf(declaration?.['declarations']).map((each) => nameOf(each['id']));
  const reexported = nodesOf(node['specifiers']).map((each) => nameOf(each['exported']));
  return [nameOf(declaration?.['id']), ...declared, ...reexported].filter((name) => name !== undefined);
}

function nodesOf(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.flatMap((item) => asNode(item) ?? []) : [];
}

function nameOf(value: unknown): string | undefined {
  const name = asNode(value)?.['name'];
  return typeof name === 'string' ? name : undefined;
}
