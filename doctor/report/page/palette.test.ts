import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Colours of text, each with the grounds on which it stands. */
const TEXT_ON: Readonly<Record<string, readonly string[]>> = {
  text: ['ground', 'surface', 'code-ground', 'warning-ground', 'broken-ground'],
  muted: ['ground', 'surface', 'warning-ground'],
  accent: ['ground', 'surface'],
  ok: ['ground', 'surface'],
  warning: ['ground', 'surface', 'warning-ground'],
  broken: ['ground', 'surface', 'broken-ground'],
  unknown: ['ground', 'surface', 'code-ground'],
  // The mark of a broken link.
  surface: ['broken'],
};

const read = (name: string) => readFileSync(new URL(`style/${name}.css`, import.meta.url), 'utf8');
const [light = '', dark = ''] = read('palette').split('@media');
const schemes = { light, dark, print: read('print') };

for (const [scheme, css] of Object.entries(schemes)) {
  const colours = coloursOf(css);
  for (const [text, grounds] of Object.entries(TEXT_ON)) {
    test(`${scheme}: ${text} is readable on ${grounds.join(', ')}`, () => {
      for (const ground of grounds) {
        const ratio = contrast(colours.get(text), colours.get(ground));
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
      }
    });
  }
}

test('the contrast is computed as WCAG defines it', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48');
});

function coloursOf(css: string): ReadonlyMap<string, string> {
  return new Map(
    [...css.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name = '', hex = '']) => [name, hex]),
  );
}

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string | undefined, other: string | undefined): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string | undefined): number {
  assert.ok(hex !== undefined, 'the palette has every colour');
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
