import { type Line, pair, standing, testsToTry } from './journal.ts';
import type { Mutation } from './mutation.ts';

export interface Judged extends Mutation {
  readonly is: 'noticed' | 'missed' | 'not reached' | 'not done';
}

/** What became of each, as far as it was tried. */
export function judge(mutations: readonly Mutation[], lines: readonly Line[]): Judged[] {
  const { noticed, passed } = standing(lines);
  const tests = testsToTry(lines, mutations);
  return mutations.map((mutation, number) => {
    if (noticed.has(number)) return { ...mutation, is: 'noticed' };
    const through = tests.filter(({ mutants }) => mutants.includes(number));
    if (through.length === 0) return { ...mutation, is: 'not reached' };
    return { ...mutation, is: through.every(({ test }) => passed.has(pair(test, number))) ? 'missed' : 'not done' };
  });
}

export function table(judged: readonly Judged[], name: (mutation: Mutation) => string): string {
  const names = [...new Set(judged.map(name))];
  const rows = names.map((group) =>
    row(
      group,
      judged.filter((each) => name(each) === group),
    ),
  );
  return [HEAD, ...rows, ...(names.length > 1 ? [row('**all**', judged)] : [])].join('\n');
}

const HEAD = `| | noticed | not noticed | not reached | of what is reached | of all |
|---|---|---|---|---|---|`;

function row(name: string, judged: readonly Judged[]): string {
  const count = (is: Judged['is']) => judged.filter((each) => each.is === is).length;
  const [noticed, missed, away] = [count('noticed'), count('missed'), count('not reached')];
  const left = count('not done') > 0 ? ` (${count('not done')} not done)` : '';
  const cells = [
    `${name}${left}`,
    noticed,
    missed,
    away,
    share(noticed, noticed + missed),
    share(noticed, noticed + missed + away),
  ];
  return `| ${cells.join(' | ')} |`;
}

export const share = (some: number, all: number) => (all === 0 ? '–' : `${((100 * some) / all).toFixed(1)} %`);

export const told = ({ file, line, kind, was, becomes }: Mutation) =>
  `${file}:${line} ${kind}\n  ${was}\n  → ${becomes}`;
