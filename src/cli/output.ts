import { randomUUID } from 'node:crypto';
import pc from 'picocolors';
import { type Hint, hintText, type Namer } from '../core/hint.ts';
import { printable, printableJson, visible } from '../core/visible.ts';
import { size } from '../core/words.ts';
import type { OnProgress, Phase } from '../operations/project.ts';
import { fit, withBlanks } from './fit.ts';

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  /** What puts the names of this call into the commands of a hint. */
  readonly name?: Namer;
  /** How wide the terminals are that are written to; undefined for what is no terminal. */
  readonly columns?: { readonly out: number | undefined; readonly err: number | undefined };
  /** Takes the document of one database among several, in place of stdout. */
  readonly collect?: (document: unknown) => void;
}

/** What a command says: data on stdout, words and progress on stderr, and with `--json` one document and nothing else. */
export interface Output {
  readonly json: boolean;
  readonly paint: Paint;
  /** The columns that a line of the result may take. */
  readonly width: number;
  /** A sentence for people. */
  say(text: string | Hint): void;
  /** Something odd that did not stop anything. */
  warn(text: string | Hint): void;
  /** What went wrong, in lines. */
  complain(lines: string): void;
  /** The result: the document with `--json`, the text otherwise. What another program reads is not fitted to a terminal. */
  result(document: unknown, text: string, asIs?: 'as it is'): void;
  /** What `result` and `say` would write, for later. */
  textOf(document: unknown, text: string): string;
  wordsOf(text: string | Hint): string;
  readonly progress: OnProgress;
  /** Clears an unfinished progress line. */
  done(): void;
}

export interface Streams {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

const PHASES: Record<Phase, string> = {
  saving: 'Saving',
  restoring: 'Restoring',
  checking: 'Checking',
  comparing: 'Comparing',
  copying: 'Copying',
};

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';
export type Paint = Readonly<Record<Style, (text: string) => string>>;

const ESCAPE = '\u001b[';
/** Stands for the beginning of a colour until it is printed. No name or row can hold it, so all other controls are somebody else's. */
const OURS = `\ue000${randomUUID()}`;

function createPaint(color: boolean): Paint {
  const colors = pc.createColors(color);
  const style = (name: Style) => (text: string) => colors[name](visible(text)).replaceAll(ESCAPE, OURS);
  return {
    bold: style('bold'),
    dim: style('dim'),
    green: style('green'),
    red: style('red'),
    yellow: style('yellow'),
  };
}

/** What may be printed: colours are ours; whatever else a name or a row says to the terminal, or to a CI, is shown and not done. */
export const printed = (text: string, columns?: number): string => {
  const coloured = printable(text).replaceAll(OURS, ESCAPE);
  return withBlanks(columns === undefined ? coloured : fit(coloured, columns));
};

const USUAL_COLUMNS = 80;

/** How wide a terminal is; undefined for what is none. */
export function columnsOf(
  { isTTY, columns = 0 }: { readonly isTTY?: boolean; readonly columns?: number },
  { COLUMNS }: Readonly<Record<string, string | undefined>>,
): number | undefined {
  if (isTTY !== true) return undefined;
  const said = /^[1-9]\d{0,3}$/.test(COLUMNS ?? '') ? Number(COLUMNS) : columns;
  return said > 0 ? said : USUAL_COLUMNS;
}

const PATIENCE_MS = 1000;
const REDRAW_MS = 100;
const BAR = 24;

export function createOutput(options: OutputOptions, streams: Streams): Output {
  const paint = createPaint(options.color);
  const { columns } = options;
  let begun: number | undefined;
  let drawn = 0;
  let shown = false;
  const clear = () => {
    if (shown) streams.err.write('\r\u001b[K');
    shown = false;
  };
  const draw: OnProgress = (phase, done, total) => {
    const now = performance.now();
    begun ??= now;
    if (now - begun < PATIENCE_MS || now - drawn < REDRAW_MS) return;
    drawn = now;
    shown = true;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const amount =
      phase === 'copying'
        ? `${size(done)} of ${size(total)}`
        : `${done.toLocaleString('en')} of ${total.toLocaleString('en')} rows`;
    const percent = `${String(Math.round(share * 100)).padStart(3)}%`;
    // The bar takes what is left; a line that breaks could not be drawn over.
    const others = PHASES[phase].padEnd(9).length + percent.length + amount.length + 5;
    const wide = Math.max(0, Math.min(BAR, (columns?.err ?? USUAL_COLUMNS) - others));
    const full = Math.round(share * wide);
    const bar = `${'━'.repeat(full)}${paint.dim('━'.repeat(wide - full))}`;
    const line = printed(`${PHASES[phase].padEnd(9)} ${bar} ${percent}  ${amount}`);
    streams.err.write(`\r\u001b[K${line}`);
  };
  const { name = (hint: Hint) => hint } = options;
  const said = (text: string | Hint) => (typeof text === 'string' ? text : hintText(name(text)));
  const wordsOf = (text: string | Hint) => (options.quiet || options.json ? '' : `${printed(said(text))}\n`);
  const textOf = (document: unknown, text: string) => {
    if (options.json) return `${printableJson(JSON.stringify(document, null, 2))}\n`;
    return text === '' || options.quiet ? '' : `${printed(text)}\n`;
  };
  return {
    json: options.json,
    paint,
    width: columns?.out ?? Number.POSITIVE_INFINITY,
    wordsOf,
    textOf,
    say(text) {
      clear();
      if (!options.quiet && !options.json) streams.err.write(`${printed(said(text), columns?.err)}\n`);
    },
    warn(text) {
      clear();
      if (!options.json) streams.err.write(printed(`${paint.yellow('Note:')} ${said(text)}\n`, columns?.err));
    },
    complain(lines) {
      clear();
      streams.err.write(printed(lines, columns?.err));
    },
    result(document, text, asIs) {
      clear();
      if (options.json && options.collect !== undefined) options.collect(document);
      else if (options.json || asIs !== undefined) streams.out.write(textOf(document, text));
      else if (text !== '' && !options.quiet) streams.out.write(`${printed(text, columns?.out)}\n`);
    },
    progress: streams.err.isTTY && !options.quiet && !options.json ? draw : () => {},
    done: clear,
  };
}
