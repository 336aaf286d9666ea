import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutation, roomOf } from './mutation.ts';

/** What is written down line by line, so that a run that is cut off still says something and is continued where it was. */
export type Line =
  | { readonly of: 'process'; readonly pid: number }
  /** What a test goes through when nothing is broken, where it passes, and how long it takes. */
  | {
      readonly of: 'reach';
      readonly test: string;
      readonly name: string;
      readonly file: string;
      readonly ms: number;
      readonly mutants: readonly number[];
    }
  | { readonly of: 'measured'; readonly file: string }
  /** With how long it may take. */
  | { readonly of: 'try'; readonly test: string; readonly mutant: number; readonly patience: number }
  /** The test passed all the same. */
  | { readonly of: 'passed'; readonly test: string; readonly mutant: number }
  | { readonly of: 'noticed'; readonly test: string; readonly mutant: number; readonly how: string }
  /** The test failed, and after that also with nothing broken: another process has to say whose fault it was. */
  | { readonly of: 'doubt'; readonly test: string; readonly mutant: number }
  /** The test did not end, or its process died: that can be the machine's fault, and is only believed if it happens again. */
  | { readonly of: 'suspect'; readonly test: string; readonly mutant: number; readonly how: string };

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
  /** Those that a fresh process has to judge. */
  readonly doubted: ReadonlySet<string>;
  /** Those of them that took too long, or whose process died. */
  readonly suspected: ReadonlySet<string>;
  /** By what is broken, the one test that is to say whether it ends: in every other it would take as long. */
  readonly suspectIn: ReadonlyMap<number, string>;
}

export const pair = (test: string, mutant: number) => `${test} ${mutant}`;

export function standing(lines: readonly Line[]): Standing {
  const noticed = new Map<number, { test: string; how: string }>();
  const passed = new Set<string>();
  const doubted = new Set<string>();
  const suspected = new Set<string>();
  for (const line of lines) {
    if (line.of === 'noticed') noticed.set(line.mutant, line);
    if (line.of === 'passed') passed.add(pair(line.test, line.mutant));
    if (line.of === 'doubt' || line.of === 'suspect') doubted.add(pair(line.test, line.mutant));
    if (line.of === 'suspect') suspected.add(pair(line.test, line.mutant));
  }
  const open = lines.flatMap((line) =>
    line.of === 'suspect' && !passed.has(pair(line.test, line.mutant)) ? [[line.mutant, line.test] as const] : [],
  );
  return { noticed, passed, doubted, suspected, suspectIn: new Map(open.reverse()) };
}

export type Reach = Extract<Line, { of: 'reach' }>;

/** How long the tests may take together that one way to break the code is tried with, in milliseconds. */
const BUDGET = 40_000;
/** A test that takes longer than this says too little for its time, where another goes through the place. */
const LONG = 8_000;

/**
 * The tests that pass, with what each is to be tried with: a way to break the code is tried with the tests of its own room
 * first, the quick ones before the slow ones, as long as there is time; and with a long one where there is no other.
 */
export function testsToTry(lines: readonly Line[], mutations: readonly Mutation[]): Reach[] {
  const fit = lines.filter((line) => line.of === 'reach');
  const spent = new Map<string, number[]>();
  mutations.forEach(({ file }, mutant) => {
    const isOwn = (test: Reach) => Number(test.file.startsWith(`test/${roomOf(file)}/`));
    const all = fit.filter(({ mutants }) => mutants.includes(mutant)).sort((a, b) => a.ms - b.ms);
    const quick = all.filter(({ ms }) => ms <= LONG);
    const through = quick.length > 0 ? quick.sort((a, b) => isOwn(b) - isOwn(a)) : all.slice(0, 1);
    let left = BUDGET;
    for (const { test, ms } of through) {
      if (left < 0) break;
      left -= ms;
      spent.set(test, [...(spent.get(test) ?? []), mutant]);
    }
  });
  return fit.map((test) => ({ ...test, mutants: spent.get(test.test) ?? [] }));
}
