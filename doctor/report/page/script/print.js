/** Opens everything before the page is printed, and closes it again afterwards. */
(() => {
  /** @type {Element[]} */
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const each of opened) each.setAttribute('open', '');
  });
  addEventListener('afterprint', () => {
    for (const each of opened) each.removeAttribute('open');
    opened = [];
  });
})();
