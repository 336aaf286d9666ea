import { randomUUID } from 'node:crypto';
import { printableLine } from '../core/visible.ts';

/**
 * Text as it fits a terminal. What somebody copies is never broken: a command in quotes, a path, what `whole` was made of. Lines hang under
 * their own beginnings, as under the second column of a list.
 */

/** Colours have no width. */
const COLOURS = /\u001b\[[0-9;]*m/g;
const NARROW = /[\p{M}\u200d]/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

/** Stands for a blank at which nothing is broken. No name or row can hold it. */
const KEPT = `\ue001${randomUUID()}`;

/** A text that stays in one line however long it is. */
export const whole = (text: string): string => text.replaceAll(' ', KEPT);

/** The text with blanks again where lines were not to be broken. */
export const withBlanks = (text: string): string => text.replaceAll(KEPT, ' ');

/** How many columns a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of withBlanks(text).replace(COLOURS, '')) width += NARROW.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

/** Each line in as many as it takes. */
export const fit = (text: string, width: number): string =>
  text
    .split('\n')
    .map((line) => fitLine(line, width))
    .join('\n');

/** What is not broken: a command in quotes with what stands right behind it, or what has no blank in it. */
const PIECES = /(?<=^|\s)\(?'[^'\n]+'[^\s]*|\S+/g;
/** A line to type, as examples and fixes are shown. */
const TO_TYPE = /^\s+\$ /;

function fitLine(line: string, width: number): string {
  if (widthOf(line) <= width || TO_TYPE.test(line)) return line;
  const hang = ' '.repeat(hangOf(line, width));
  const lines: string[] = [];
  let here = '';
  let end = 0;
  for (const { 0: piece, index } of line.matchAll(PIECES)) {
    const blanks = line.slice(end, index);
    end = index + piece.length;
    const longer = `${here}${blanks}${piece}`;
    const isFirst = here.trim() === '';
    if (isFirst || widthOf(longer) <= width) here = longer;
    else {
      lines.push(here);
      here = `${hang}${piece}`;
    }
  }
  return [...lines, here].join('\n');
}

/** A mark, or the word that says what a line is. */
const BEGINNING = /^\s*(?:(?:[\u2713\u2717\u2714\u2718!\u2013\u25cf+~-]|Error:|Note:) )?/;

/** Behind the first wide gap of a line, where that leaves enough room; else behind what it begins with. */
function hangOf(line: string, width: number): number {
  const plain = line.replace(COLOURS, '');
  const [head = ''] = /^\s*\S.*?\s{2,}(?=\S)/.exec(plain) ?? [];
  if (head !== '' && widthOf(head) <= width / 3) return widthOf(head);
  return widthOf(BEGINNING.exec(plain)?.[0] ?? '');
}

/** The beginning of a text, in so many columns. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const char of text) {
    used += widthOf(char);
    if (used > width - 1) break;
    taken += char;
  }
  return `${taken}…`;
}

/** A table that is too wide has two lines a row: what the row is called, and the rest. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
  width = Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => row.map(printableLine));
  const inOne = aligned(headings, cells, right);
  if (inOne.every((line) => widthOf(line) <= width)) return inOne.join('\n');
  const rest = aligned(
    headings.slice(1),
    cells.map((row) => row.slice(1)),
    right.map((at) => at - 1),
  );
  const names = [headings, ...cells].map(([name = '']) => name);
  return names.flatMap((name, at) => [name, `  ${rest[at] ?? ''}`.trimEnd()]).join('\n');
}

/** Columns under their headings; numbers to the right. */
function aligned(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string[] {
  const widths = headings.map((heading, i) => Math.max(widthOf(heading), ...rows.map((row) => widthOf(row[i] ?? ''))));
  const padded = (cell: string, i: number) => {
    const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)));
    return right.includes(i) ? `${blanks}${cell}` : `${cell}${blanks}`;
  };
  return [headings, ...rows].map((row) => row.map(padded).join('  ').trimEnd());
}
