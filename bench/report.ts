import type { Contender } from './contenders.ts';
import type { Measured } from './speed.ts';

export interface Section {
  readonly title: string;
  readonly text: string;
  /** Our time ÷ that of `.dump`, or of reading it back, by what was done. */
  readonly ratios?: ReadonlyMap<string, number>;
}

export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function sectionOf(
  title: string,
  contenders: readonly Contender[],
  measured: readonly Measured[],
  peaks: readonly (readonly [string, number])[],
): Section {
  const ratio = (value: number | undefined) => (value === undefined ? 'failed' : value.toFixed(2));
  const head = ['', ...contenders.map(({ name }) => `÷ ${name}`), 'seconds'];
  const rows = measured.map(({ what, ours, ratios }) => [
    what,
    ...contenders.map((_, at) => (ratios.length === 0 ? '–' : ratio(ratios[at]))),
    ours.toFixed(2),
  ]);
  const dump = contenders.findIndex(({ name }) => name === '.dump');
  const memory = peaks
    .map(([what, bytes]) => `${what} ${Number.isNaN(bytes) ? 'failed' : megabytes(bytes)}`)
    .join(', ');
  return {
    title,
    text: `${table(head, rows)}\n\nPeak memory: ${memory}.`,
    ratios: new Map(
      measured.flatMap(({ what, ratios }): [string, number][] => {
        const value = ratios[dump];
        return value === undefined ? [] : [[what, value]];
      }),
    ),
  };
}
