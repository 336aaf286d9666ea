import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const terminal = (argv: string[]) => ({
  argv,
  cwd: '/',
  env: {},
  now: () => new Date(0),
  out: process.stdout,
  err: process.stderr,
});
const namesFor = async (...argv: string[]) =>
  (await createProgram(terminal(argv))).commands.map((command) => command.name());

const all = await namesFor();

test('a call that names no command gets all of them', async () => {
  expect(all.length).toBeGreaterThan(20);
  expect(await namesFor('--help')).toEqual(all);
  expect(await namesFor('help', 'backup')).toEqual(all);
  expect(await namesFor('bakcup')).toEqual(all);
});

test('the value of an option is no command', async () => {
  expect(await namesFor('--dir', 'backup', 'list')).toEqual(['list']);
  expect(await namesFor('--db', 'restore', '--help')).toEqual(all);
  expect(await namesFor('--db=list', 'status')).toEqual(['status']);
});

test('completions speak of all of them', async () => {
  expect(await namesFor('completion', 'bash')).toEqual(all);
});

test.each(all.filter((name) => name !== 'completion'))('%s is loaded without the commands beside it', async (name) => {
  const loaded = await namesFor(name, '--json');
  expect(loaded).toContain(name);
  expect(loaded.length).toBeLessThan(4);
  expect(await namesFor('--quiet', name)).toEqual(loaded);
});

test('an option that several commands have is written in one way, and takes the same', async () => {
  const { commands } = await createProgram(terminal([]));
  const ways = new Map<string, Set<string>>();
  for (const { long, short = '', required, optional } of commands.flatMap(({ options }) => options))
    ways.set(long ?? '', (ways.get(long ?? '') ?? new Set()).add(`${short} ${required} ${optional}`));
  expect([...ways].filter(([, each]) => each.size > 1)).toEqual([]);
});
