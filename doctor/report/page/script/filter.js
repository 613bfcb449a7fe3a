/** Filters of the report. They hide what does not match, and count what is left. */
(() => {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector('form.filters'));
  if (!form) return;
  /** @type {(selector: string) => HTMLElement[]} */
  const all = (selector) =>
    [...document.querySelectorAll(selector)].map((each) => /** @type {HTMLElement} */ (each));

  const items = all('[data-f]').map((element) => ({ element, text: '' }));
  // An inner group comes before the outer one, which sees what became of it.
  const groups = all('[data-group]').reverse();
  const totals = countBy(() => true);

  /** @param {(element: HTMLElement) => boolean} counts */
  function countBy(counts) {
    /** @type {Map<string, number>} */
    const numbers = new Map();
    for (const { element } of items) {
      const kind = element.dataset['f'] ?? '';
      numbers.set(kind, (numbers.get(kind) ?? 0) + (counts(element) ? 1 : 0));
    }
    return numbers;
  }

  function filter() {
    const wanted = readForm();
    for (const item of items) item.element.hidden = !matches(item, wanted);
    for (const group of groups) {
      const shown = group.querySelectorAll('[data-f]:not([hidden])').length;
      group.hidden = shown === 0;
      const count = group.querySelector('.count');
      if (count) count.textContent = String(shown);
    }
    showCounts();
    document.dispatchEvent(new Event('filtered'));
  }

  function readForm() {
    const data = new FormData(form ?? undefined);
    /** @param {string} name */
    const value = (name) => String(data.get(name) ?? '');
    return {
      words: value('text').toLowerCase().split(/\s+/).filter(Boolean),
      cluster: value('cluster'),
      namespace: value('namespace'),
      severity: value('severity'),
      isBroken: data.has('broken'),
    };
  }

  /**
   * @param {{ element: HTMLElement, text: string }} item
   * @param {ReturnType<typeof readForm>} wanted
   */
  function matches(item, { words, cluster, namespace, severity, isBroken }) {
    const { f: kind, s: state, c, n } = item.element.dataset;
    if (cluster !== '' && c !== cluster) return false;
    if (namespace !== '' && n !== namespace) return false;
    if (kind === 'finding' && severity !== '' && state !== severity) return false;
    if (kind !== 'finding' && isBroken && state !== 'broken' && state !== 'refused') return false;
    if (words.length === 0) return true;
    if (item.text === '') item.text = (item.element.textContent ?? '').toLowerCase();
    return words.every((word) => item.text.includes(word));
  }

  function showCounts() {
    const numbers = countBy((element) => !element.hidden);
    for (const place of all('[data-count]')) {
      const kind = place.dataset['count'] ?? '';
      place.textContent = ofTotal(numbers.get(kind), totals.get(kind));
    }
    const words = ['finding', 'chain', 'grant'].map((kind) => {
      const total = totals.get(kind) ?? 0;
      return `${ofTotal(numbers.get(kind), total)} ${total === 1 ? kind : `${kind}s`}`;
    });
    const output = form?.querySelector('output');
    if (output) output.textContent = `Shown: ${words.join(', ')}`;
  }

  /** @param {number | undefined} shown @param {number | undefined} total */
  function ofTotal(shown = 0, total = 0) {
    return shown === total ? `${total}` : `${shown} of ${total}`;
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 120);
  };
  form.hidden = false;
  form.addEventListener('input', soon);
  form.addEventListener('reset', soon);
  form.addEventListener('submit', (event) => event.preventDefault());
  // A browser may fill in what was typed before the page was loaded again. It does so after this script.
  addEventListener('pageshow', filter);
})();
