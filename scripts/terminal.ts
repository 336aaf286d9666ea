import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../dist/main.cjs');
const COLUMNS = 96;
const ADVANCE = 8.4;
const LINE = 21;
const MARGIN = 22;
const TOP = 46;

/** What somebody types, and what is done: `overwinter` is this one, anything else is as it says. */
export interface Typed {
  readonly command: string;
  readonly says: string;
}

/** Runs a command in a terminal, so that it is as colourful as people see it. */
export function type(command: string, cwd: string, env: NodeJS.ProcessEnv): Typed {
  const real = command.replace(/^npx overwinter\b/, `${process.execPath} ${MAIN}`);
  const { stdout, status } = spawnSync('script', ['-qec', `stty cols ${COLUMNS}; ${real}`, '/dev/null'], {
    cwd,
    env: { ...env, TERM: 'xterm-256color' },
    encoding: 'utf8',
    input: '',
  });
  if (status !== 0) throw new Error(`${command}: ${stdout}`);
  return { command, says: stdout.replaceAll('\r', '').trimEnd() };
}

interface Piece {
  readonly text: string;
  readonly classes: string;
}

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['1', 'bold'],
  ['2', 'dim'],
  ['31', 'red'],
  ['32', 'green'],
  ['33', 'yellow'],
  ['36', 'cyan'],
]);
const ENDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['22', ['bold', 'dim']],
  ['39', ['red', 'green', 'yellow', 'cyan']],
]);

/** A terminal with what was typed and said in it, as a picture that is text: small, sharp, and dark where its reader's system is. */
export const terminalPicture = (all: readonly Typed[]): string => picture(all, () => '');

/** How long each command and its answer stand alone, in seconds. */
const PACE = 2.2;
const MOVES = `.step { animation: come .4s both } @keyframes come { from { opacity: 0 } } @media (prefers-reduced-motion: reduce) { .step { animation: none } }`;

/** The same as a story: one comes after the other. Whoever wants nothing to move sees all of it at once. */
export const terminalStory = (all: readonly Typed[]): string =>
  picture(all, (step) => ` class="step" style="animation-delay: ${(step * PACE).toFixed(1)}s"`, MOVES);

function picture(all: readonly Typed[], howOf: (step: number) => string, moves = ''): string {
  const steps = all.map(({ command, says }, index) => [
    ...(index === 0 ? [] : [[]]),
    command.startsWith('#')
      ? [{ text: command, classes: 'dim' }]
      : [
          { text: '$ ', classes: 'dim' },
          { text: command, classes: 'bold' },
        ],
    ...(says === '' ? [] : wrapped(piecesOf(says))),
  ]);
  const count = steps.reduce((sum, lines) => sum + lines.length, 0);
  const [width, height] = [Math.ceil(COLUMNS * ADVANCE + 2 * MARGIN), TOP + count * LINE + MARGIN - 8];
  const title = all
    .map(({ command }) => command)
    .filter((command) => !command.startsWith('#'))
    .join(', then ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
.back { fill: #fbfcfd; stroke: #d5dbe2 } text { font: 14px ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1b2127; white-space: pre }
.dim { fill: #667080 } .bold { font-weight: 600 } .red { fill: #b3261e } .green { fill: #1d7a4c } .yellow { fill: #8a5a00 } .cyan { fill: #0b6b82 } .dot { fill: #cfd6de }
@media (prefers-color-scheme: dark) { .back { fill: #161b21; stroke: #2d353e } text { fill: #e7ebef } .dim { fill: #96a1ad } .red { fill: #ff9c94 } .green { fill: #7fd6a6 } .yellow { fill: #f0c667 } .cyan { fill: #7fd0e6 } .dot { fill: #3a434d } }${moves === '' ? '' : `\n${moves}`}
</style>
<rect class="back" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="10"/>
<circle class="dot" cx="22" cy="20" r="5"/><circle class="dot" cx="39" cy="20" r="5"/><circle class="dot" cx="56" cy="20" r="5"/>
${steps.map((lines, step) => stepLines(lines, before(steps, step), howOf(step))).join('\n')}
</svg>
`;
}

const before = (steps: readonly (readonly unknown[])[], step: number) =>
  steps.slice(0, step).reduce((sum, lines) => sum + lines.length, 0);

function stepLines(lines: readonly (readonly Piece[])[], from: number, how: string): string {
  const drawn = lines.map((line, index) => textLine(line, TOP + (from + index) * LINE + 8)).join('\n');
  return how === '' ? drawn : `<g${how}>\n${drawn}\n</g>`;
}

function textLine(pieces: readonly Piece[], y: number): string {
  let column = 0;
  return pieces
    .map(({ text, classes }) => {
      const x = MARGIN + column * ADVANCE;
      column += [...text].length;
      if (text.trim() === '') return '';
      // Wherever a font is wider or narrower, columns stay columns.
      const width = (([...text].length * ADVANCE) | 0) + 0.4;
      return `<text class="${classes}" x="${x.toFixed(1)}" y="${y}" textLength="${width}">${escaped(text)}</text>`;
    })
    .join('');
}

/** Lines of pieces, by the colours that a program switches on and off. */
function piecesOf(said: string): Piece[][] {
  const on = new Set<string>();
  return said.split('\n').map((line) =>
    line.split(/(\u001b\[[\d;]*m)/).flatMap((part): Piece[] => {
      const [, code] = /^\u001b\[([\d;]*)m$/.exec(part) ?? [];
      if (code === undefined) return part === '' ? [] : [{ text: part, classes: [...on].join(' ') }];
      const begins = CLASSES.get(code);
      if (begins !== undefined) on.add(begins);
      for (const each of ENDS.get(code) ?? []) on.delete(each);
      return [];
    }),
  );
}

/** As a terminal does it: a line that is too long goes on in the next, between words where it can. */
function wrapped(lines: readonly Piece[][]): Piece[][] {
  return lines.flatMap((line) => {
    const length = line.reduce((sum, { text }) => sum + text.length, 0);
    if (length <= COLUMNS) return [line];
    const indent = /^ */.exec(line.map(({ text }) => text).join(''))?.[0] ?? '';
    const rows: Piece[][] = [[]];
    let room = COLUMNS;
    for (const { text, classes } of line)
      for (const word of text.split(/(?<= )/).flatMap(cut)) {
        if (word.trimEnd().length > room) {
          rows.push([{ text: indent, classes: '' }]);
          room = COLUMNS - indent.length;
        }
        rows.at(-1)?.push({ text: word, classes });
        room -= word.length;
      }
    return rows.map(joined);
  });
}

/** What is longer than a line is cut anywhere. */
const cut = (word: string) => word.match(new RegExp(`.{1,${COLUMNS - 8}}`, 'gu')) ?? [];

/** Neighbours of one colour are one piece. */
function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last?.classes === piece.classes) all[all.length - 1] = { ...piece, text: last.text + piece.text };
    else all.push(piece);
  }
  return all;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
