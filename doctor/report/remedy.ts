import type { Remedy } from '../chain/finding.ts';
import { type Html, html } from './html.ts';

/** Draws the advice and its commands. The page lets its reader select a command with one click. */
export function drawRemedy({ text, commands }: Remedy): Html {
  return html`<div class="remedy">${text === '' ? undefined : html`<p><b>To do:</b> ${text}</p>`}${commands.map(
    (command) => html`<pre><code>${command}</code></pre>`,
  )}</div>`;
}
