/** Highlights of the graph: a node that is pointed at, or has the focus, lights up with all that it leads to. */
(() => {
  const graph = document.querySelector('svg.graph');
  const told = /** @type {HTMLElement | null} */ (document.querySelector('[data-told]'));
  if (!graph || !told) return;
  const MAX_TOLD = 12;
  /** @typedef {SVGElement & { dataset: DOMStringMap }} Drawn */
  /** @type {(selector: string) => Drawn[]} */
  const all = (selector) => [...graph.querySelectorAll(selector)].map((each) => /** @type {Drawn} */ (each));

  const nodes = new Map(all('.node').map((node) => [keyOf(node), node]));
  const edges = all('[data-e]').map((edge) => ({ edge, ...endsOf(edge) }));
  /** Edges of each node. @type {Map<string, typeof edges>} */
  const edgesOf = new Map([...nodes.keys()].map((key) => [key, []]));
  for (const each of edges) {
    edgesOf.get(each.from)?.push(each);
    edgesOf.get(each.to)?.push(each);
  }
  const sides = { a: all('.node[data-a]'), b: all('.node[data-b]') };

  /** Key of a node: `a3` is the fourth of the left side. @param {Drawn} node */
  function keyOf({ dataset: { a, b } }) {
    return a === undefined ? `b${b}` : `a${a}`;
  }

  /** @param {Drawn} edge */
  function endsOf({ dataset: { e = '' } }) {
    const [from, to] = e.split('-');
    return { from: `a${from}`, to: `b${to}` };
  }

  /** Nodes at the other ends of the edges. @param {string} key */
  function neighboursOf(key) {
    return (edgesOf.get(key) ?? []).flatMap(({ edge, from, to }) => {
      const node = nodes.get(key === from ? to : from);
      return node ? [{ node, edge }] : [];
    });
  }

  /** @param {Element} element */
  const titleOf = (element) => element.querySelector('title')?.textContent ?? '';

  /** @param {Drawn | undefined} node */
  function light(node) {
    for (const lit of all('.lit')) lit.classList.remove('lit');
    graph?.classList.toggle('lighting', node !== undefined);
    if (!node || !told) return;
    const neighbours = neighboursOf(keyOf(node));
    node.classList.add('lit');
    for (const each of neighbours) {
      each.node.classList.add('lit');
      each.edge.classList.add('lit');
    }
    const names = neighbours
      .slice(0, MAX_TOLD)
      .map((each) => `${titleOf(each.node)} (${titleOf(each.edge)})`);
    const more = neighbours.length > MAX_TOLD ? ` and ${neighbours.length - MAX_TOLD} more` : '';
    told.textContent = `${titleOf(node)}: ${names.join(', ')}${more}`;
  }

  /** The node that an event is about. @param {Event} event */
  function nodeAt({ target }) {
    return /** @type {Drawn | undefined} */ (/** @type {Element} */ (target).closest('.node') ?? undefined);
  }

  /** @param {Drawn | undefined} node */
  function go(node) {
    if (!node) return;
    for (const each of all('.node[tabindex="0"]')) each.setAttribute('tabindex', '-1');
    node.setAttribute('tabindex', '0');
    node.focus();
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const node = nodeAt(event);
    if (!node || !event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const own = node.dataset['a'] === undefined ? sides.b : sides.a;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    go(step === undefined ? neighboursOf(keyOf(node))[0]?.node : own[own.indexOf(node) + step]);
  }

  /** The graph shows what the table of grants shows. */
  function filter() {
    const rows = [...document.querySelectorAll('[data-f="grant"]:not([hidden])')];
    const shown = new Set(rows.map((row) => row.getAttribute('data-e')));
    const ends = new Set();
    for (const { edge, from, to } of edges) {
      const isShown = shown.has(edge.dataset['e'] ?? '');
      edge.classList.toggle('off', !isShown);
      if (isShown) ends.add(from).add(to);
    }
    for (const [key, node] of nodes) node.classList.toggle('off', !ends.has(key));
  }

  for (const node of nodes.values()) {
    node.setAttribute('tabindex', node === sides.a[0] ? '0' : '-1');
    node.setAttribute('role', 'img');
    node.setAttribute('aria-label', titleOf(node));
  }
  told.textContent = 'Point at a node to see where it leads. With the keyboard: Tab, then the arrow keys.';
  told.hidden = false;
  // Chromium lets the keyboard stop at an SVG that listens to the focus, so its parent listens.
  const area = /** @type {HTMLElement} */ (graph.parentElement);
  area.addEventListener('pointerover', (event) => light(nodeAt(event)));
  area.addEventListener('pointerleave', () => light(undefined));
  area.addEventListener('focusin', (event) => light(nodeAt(event)));
  area.addEventListener('focusout', () => light(undefined));
  area.addEventListener('keydown', move);
  document.addEventListener('filtered', filter);
})();
