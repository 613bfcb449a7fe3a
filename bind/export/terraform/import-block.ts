import { HclExpression, hclBlock } from './hcl.ts';

/** Renders a block that takes over an existing object at the next apply. */
export function importBlock(type: string, name: string, id: string): string {
  return hclBlock('import', [], { to: new HclExpression(`${type}.${name}`), id });
}
