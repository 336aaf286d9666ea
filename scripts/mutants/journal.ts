import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is written down line by line, so that a run that is cut off still says something and is continued where it was. */
export type Line =
  | { readonly of: 'process'; readonly pid: number }
  /** What a test goes through when nothing is broken, how long it takes, and whether it can be run twice. */
  | {
      readonly of: 'reach';
      readonly test: string;
      readonly name: string;
      readonly file: string;
      readonly ms: number;
      readonly mutants: readonly number[];
    }
  | { readonly of: 'unfit'; readonly test: string; readonly why: string }
  | { readonly of: 'measured'; readonly file: string }
  | { readonly of: 'try'; readonly test: string; readonly mutant: number }
  /** The test passed all the same. */
  | { readonly of: 'passed'; readonly test: string; readonly mutant: number }
  | { readonly of: 'noticed'; readonly test: string; readonly mutant: number; readonly how: string }
  /** The test failed, and after that also with nothing broken: another process has to say whose fault it was. */
  | { readonly of: 'doubt'; readonly test: string; readonly mutant: number };

const journalOf = (folder: string) => join(folder, 'journal.jsonl');

export const note = (folder: string, line: Line) => appendFileSync(journalOf(folder), `${JSON.stringify(line)}\n`);

export function journal(folder: string): Line[] {
  if (!existsSync(journalOf(folder))) return [];
  const lines = readFileSync(journalOf(folder), 'utf8').split('\n');
  return lines.filter((line) => line.endsWith('}')).map((line): Line => JSON.parse(line));
}

/** What is to be done by the process of a test file. */
export interface Plan {
  /** By test: how long it usually takes, and what it goes through. */
  readonly tests: Readonly<Record<string, { readonly ms: number; readonly mutants: readonly number[] }>>;
}

export const planOf = (folder: string) => join(folder, 'plan.json');

export function readPlan(folder: string): Plan {
  return JSON.parse(readFileSync(planOf(folder), 'utf8'));
}

export interface Standing {
  /** Mutants that some test noticed, with the test and what it said. */
  readonly noticed: ReadonlyMap<number, { readonly test: string; readonly how: string }>;
  /** `test mutant`, for those that passed. */
  readonly passed: ReadonlySet<string>;
  readonly doubted: ReadonlySet<string>;
}

export const pair = (test: string, mutant: number) => `${test} ${mutant}`;

export function standing(lines: readonly Line[]): Standing {
  const noticed = new Map<number, { test: string; how: string }>();
  const passed = new Set<string>();
  const doubted = new Set<string>();
  for (const line of lines) {
    if (line.of === 'noticed') noticed.set(line.mutant, line);
    if (line.of === 'passed') passed.add(pair(line.test, line.mutant));
    if (line.of === 'doubt') doubted.add(pair(line.test, line.mutant));
  }
  return { noticed, passed, doubted };
}

export type Reach = Extract<Line, { of: 'reach' }>;

/** Tests that pass, and pass again. */
export function fitTests(lines: readonly Line[]): Reach[] {
  const unfit = new Set(lines.flatMap((line) => (line.of === 'unfit' ? [line.test] : [])));
  return lines.flatMap((line) => (line.of === 'reach' && !unfit.has(line.test) ? [line] : []));
}
