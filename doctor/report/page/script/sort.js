/** Buttons in the heads of the tables, which sort their rows. */
(() => {
  const collator = new Intl.Collator('en', { numeric: true });
  for (const table of document.querySelectorAll('table[data-sortable]')) {
    const [body] = /** @type {HTMLTableElement} */ (table).tBodies;
    const heads = [...table.querySelectorAll('thead th')];
    for (const [column, head] of heads.entries()) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const isUp = head.getAttribute('aria-sort') !== 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
        if (body) sortRows(body, column, isUp ? 1 : -1);
      });
    }
  }

  /** @param {HTMLTableSectionElement} body @param {number} column @param {number} direction */
  function sortRows(body, column, direction) {
    const rows = [...body.rows].map((row) => ({ row, text: row.cells[column]?.textContent ?? '' }));
    rows.sort((one, other) => direction * collator.compare(one.text, other.text));
    body.append(...rows.map(({ row }) => row));
  }
})();
