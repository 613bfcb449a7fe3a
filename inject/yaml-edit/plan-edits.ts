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

/** One document on its way from what it says to what it shall say. */
interface Plan extends Sheet {
  readonly document: Document.Parsed;
  /** The value that each anchor passed so far will have; GONE where its text is taken out. */
  readonly anchors: Map<string, unknown>;
  /** Without aliases, what does not change need not be looked at. */
  readonly hasAliases: boolean;
}

/**
 * Collects on the sheet the edits by which the document comes to say `after`. An alias stays where it still says the right thing and
 * is replaced by a copy where it does not, so that a change never reaches another object through it.
 * @throws NotEditable where the source has a structure that can't be changed in place
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
    // Where a pod template has no metadata, they go where everyone looks for them.
    const spec = key === 'metadata' ? node.items.findIndex((pair) => keyOf(pair) === 'spec') : -1;
    steps.splice(spec < 0 ? steps.length : spec, 0, insert);
  }
  (inFlow ? writeFlow : writeBlock)(plan, entries, steps);

  /**
   * A merge stays as long as nothing that it brings is to be absent; what shall be different gets a member of its own, which wins.
   * Otherwise the members that it brings are written out in its place.
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
