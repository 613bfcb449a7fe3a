import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isAlias,
  isMap,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { asArray, asObject, type JsonObject } from '../../lib/json/json.ts';
import { align } from './align.ts';
import { GONE, mergedMembers } from './merge-keys.ts';
import { membersText, newItem, newMember } from './new-entries.ts';
import { replaceValue, type Slot } from './replace-value.ts';
import { anchorsIn, type Entry, endOfColon, entriesOf, keyOf, nodeOf, tokenOf } from './source-geometry.ts';
import { columnOf } from './text-edits.ts';
import { type Sheet, type Step, writeBlock, writeFlow } from './write-entries.ts';

/** One document whose edits are being collected. */
interface Plan extends Sheet {
  readonly document: Document.Parsed;
  /** Future value of each anchor passed so far; GONE if its text is removed. */
  readonly anchors: Map<string, unknown>;
  /** Without aliases, unchanged nodes need no visit. */
  readonly hasAliases: boolean;
}

/**
 * Collects on the sheet the edits that give the document the value `after`. An alias stays if it still has
 * the right value, else it is replaced by a copy: a change never reaches another object through it.
 * @throws NotEditable if the source has a structure that cannot be changed in place
 */
export function planEdits(sheet: Sheet, document: Document.Parsed, before: unknown, after: unknown): void {
  if (!document.contents) return;
  let hasAliases = false;
  visit(document, {
    Alias: () => {
      hasAliases = true;
      return visit.BREAK;
    },
  });
  const plan: Plan = { ...sheet, document, anchors: new Map(), hasAliases };
  planNode(plan, document.contents, before, after, { inFlow: false });
}

function planNode(plan: Plan, node: Node, before: unknown, after: unknown, slot: Slot): void {
  if (isAlias(node)) {
    const becomes = plan.anchors.has(node.source) ? plan.anchors.get(node.source) : before;
    if (!isDeepStrictEqual(becomes, after)) replaceValue(plan, node, after, slot);
    return;
  }
  const isEqual = before === after || isDeepStrictEqual(before, after);
  if (isEqual && !plan.hasAliases) return;
  const [object, list] = [asObject(after), asArray(after)];
  if (isMap(node) && node.items.length > 0 && object && Object.keys(object).length > 0) {
    planMap(plan, node, asObject(before) ?? {}, object);
  } else if (isSeq(node) && node.items.length > 0 && list && list.length > 0) {
    planSeq(plan, node, asArray(before) ?? [], list);
  } else if (!isEqual) {
    forgetAnchors(plan, node);
    replaceValue(plan, node, after, slot);
  }
  if (node.anchor) plan.anchors.set(node.anchor, after);
}

function planSeq(plan: Plan, node: YAMLSeq, before: readonly unknown[], after: readonly unknown[]): void {
  const inFlow = node.flow === true;
  const entries = entriesOf(node);
  const steps = align(before, after).map((step): Step => {
    if (step.kind === 'insert') {
      return { kind: 'insert', entry: newItem(after[step.to], plan.style) };
    }
    const { at } = step;
    if (step.kind === 'remove')
      return { kind: 'remove', at, edit: () => forgetAnchors(plan, node.items[at]) };
    const edit = () => planNode(plan, nodeOf(node.items[at]), before[at], after[step.to], { inFlow });
    return { kind: 'keep', at, edit };
  });
  (inFlow ? writeFlow : writeBlock)(plan, entries, steps);
}

function planMap(plan: Plan, node: YAMLMap, before: JsonObject, after: JsonObject): void {
  const inFlow = node.flow === true;
  const entries = entriesOf(node);
  const column = columnOf(plan.source, entries[0]?.start ?? 0);
  const provided = new Set(node.items.map(keyOf));
  const steps = node.items.map((pair, at): Step => {
    const entry = entries[at] ?? { start: 0, end: 0 };
    const key = keyOf(pair);
    if (key === undefined) return planMerge(pair, at, entry);
    if (!Object.hasOwn(after, key))
      return { kind: 'remove', at, edit: () => forgetAnchors(plan, pair.value) };
    const edit = () => {
      if (!pair.value) return;
      const member = { column, start: entry.start, colonEnd: endOfColon(tokenOf(node, at)) };
      planNode(plan, nodeOf(pair.value), before[key], after[key], { inFlow, member });
    };
    return { kind: 'keep', at, edit };
  });
  const added = Object.keys(after).filter((key) => !provided.has(key));
  for (const key of added) {
    const insert: Step = { kind: 'insert', entry: newMember(key, after[key], plan.style) };
    // New metadata of a pod template goes before its spec, where readers expect it.
    const spec = key === 'metadata' ? node.items.findIndex((pair) => keyOf(pair) === 'spec') : -1;
    steps.splice(spec < 0 ? steps.length : spec, 0, insert);
  }
  (inFlow ? writeFlow : writeBlock)(plan, entries, steps);

  /**
   * Keeps a merge key unless it would bring back a removed member: then the members that it brings are
   * written out in its place. A changed member is written out and overrides the merge.
   */
  function planMerge(pair: Pair, at: number, entry: Entry): Step {
    const own = new Set(provided);
    const brought = mergedMembers(pair.value, plan.anchors, plan.document);
    const foreign = (key: string) => !own.has(key);
    const keys = Object.keys(brought ?? {}).filter(foreign);
    if (brought && keys.every((key) => Object.hasOwn(after, key))) {
      for (const key of keys) if (isDeepStrictEqual(brought[key], after[key])) provided.add(key);
      return { kind: 'keep', at, edit: () => {} };
    }
    const members = Object.entries(after).filter(([key]) => foreign(key) && Object.hasOwn(before, key));
    for (const [key] of members) provided.add(key);
    if (members.length === 0) return { kind: 'remove', at, edit: () => {} };
    const text = membersText(Object.fromEntries(members), plan.style, inFlow, column);
    return { kind: 'keep', at, edit: () => void plan.edits.push({ ...entry, text }) };
  }
}

function forgetAnchors(plan: Plan, node: unknown): void {
  for (const anchor of anchorsIn(node)) plan.anchors.set(anchor, GONE);
}
