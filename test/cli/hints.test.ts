import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { wordsOfProgram } from '../../src/cli/words-of-program.ts';
import { COMMAND_NAMES } from '../../src/core/command-names.ts';
import type { Hint, OwnCall } from '../../src/core/hint.ts';
import { problems, wordsFor } from '../support/problems.ts';

/** What is recommended is held against the program that would have to do it. */

const SOURCE = resolve(import.meta.dirname, '../../src');

const program = await createProgram({
  argv: [],
  cwd: '/',
  env: {},
  now: () => new Date(0),
  out: process.stdout,
  err: process.stderr,
});

const isThere = (command: Command | undefined): command is Command => command !== undefined;
const named = (name: string) =>
  name.split(' ').reduce<Command | undefined>((at, word) => at?.commands.find((each) => each.name() === word), program);
const leaves = (command: Command, path: readonly string[] = []): string[] =>
  command.commands.length === 0
    ? [path.join(' ')]
    : command.commands.flatMap((each) => leaves(each, [...path, each.name()]));

test('the list of commands is what the program has', () => {
  expect([...COMMAND_NAMES].sort()).toEqual(leaves(program).sort());
});

const optionsOf = (command: Command) => ['--help', ...command.options.flatMap(({ short, long }) => [short, long])];

/** What the program would say against such a call. */
function faultIn(name: string, args: readonly string[]): string | undefined {
  const command = named(name);
  if (!isThere(command)) return `there is no ${name}`;
  if (args.includes('--help')) return undefined;
  const { operands, unknown } = command.parseOptions([...args]);
  if (unknown.length > 0) return `${name} has no ${unknown.join(' ')}`;
  const taken = command.registeredArguments;
  const isTooMany = operands.length > taken.length && !taken.some(({ variadic }) => variadic);
  return isTooMany ? `${name} does not take ${operands.join(' ')}` : undefined;
}

test('such a fault is seen', () => {
  expect(faultIn('no-such', [])).toBe('there is no no-such');
  expect(faultIn('restore', ['--no-such'])).toBe('restore has no --no-such');
  expect(faultIn('undo', ['once', 'twice'])).toBe('undo does not take once twice');
  expect(faultIn('restore', ['latest', '--db', 'app.db', '--table', 'a', '--table', 'b'])).toBeUndefined();
});

function ownCalls(pieces: Hint): OwnCall[] {
  return pieces.flatMap((piece) => {
    if (typeof piece === 'string' || 'configName' in piece || 'settings' in piece) return [];
    if ('given' in piece) return [...ownCalls(piece.so), ...ownCalls(piece.otherwise)];
    return 'calls' in piece ? piece.calls.filter((call) => 'own' in call) : ownCalls(piece.terminal);
  });
}

test.each(problems)('%s recommends what the program understands', (name, make) => {
  const { hintPieces } = Reflect.apply(make, undefined, wordsFor(name))();
  for (const { own, args } of ownCalls(hintPieces)) expect(faultIn(own, args)).toBeUndefined();
});

/** The calls of `overwinter(…)` in a text of ours, up to their closing brackets. */
function callsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w.'"`])overwinter\(/g)].map(({ index }) => {
    let depth = 0;
    for (let at = index; at < text.length; at++) {
      if (text[at] === '(') depth++;
      if (text[at] === ')' && --depth === 0) return text.slice(index + 'overwinter('.length, at);
    }
    return text.slice(index);
  });
}

const sources = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => [file, readFileSync(join(SOURCE, file), 'utf8')] as const);

describe('in the source', () => {
  const recommended = sources.flatMap(([file, text]) => callsIn(text).map((call) => [file, call] as const));

  test('every option of a command that is recommended is one of that command', () => {
    expect(recommended.length).toBeGreaterThan(150);
    const faults = recommended.flatMap(([file, call]) => {
      const [name = '', ...others] = [...call.matchAll(/'([^'\n]*)'/g)].map(([, word = '']) => word);
      const command = named(name);
      if (!isThere(command)) return file === 'core/hint.ts' ? [] : [`${file}: there is no ${name}`];
      const end = others.indexOf('--');
      const options = others.slice(0, end < 0 ? others.length : end).filter((word) => /^--?[a-z]/.test(word));
      return options
        .filter((option) => !optionsOf(command).includes(option))
        .map((option) => `${file}: ${name} has no ${option}`);
    });
    expect(faults).toEqual([]);
  });

  test('no sentence holds a command of ours as mere text, but what stands in help and in generated files', () => {
    const COMMAND = new RegExp(`'overwinter (${COMMAND_NAMES.join('|')})[' ]`);
    const MAY = /^(cli\/commands\/|setup\/init\/(seal|hook-files)\.ts)/;
    const found = sources.flatMap(([file, text]) =>
      text
        .split('\n')
        .filter((line) => COMMAND.test(line) && !/^\s*(\*|\/\/|\/\*\*)/.test(line) && !MAY.test(file))
        .filter((line) => !line.includes("name: 'overwinter ui'"))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });
});

test.each(wordsOfProgram(program).map((words) => [words.path.join(' '), words] as const))(
  'the help of %j shows what the program understands',
  (_path, { more, description }) => {
    const examples = [...more.matchAll(/^ {2}\$ (?:\w+=\S+ )*overwinter (.+?)(?: (?:>|>>|&&) .*)?$/gm)];
    const inWords = [...`${more} ${description}`.matchAll(/'overwinter ([^']+)'/g)];
    for (const [, line = ''] of [...examples, ...inWords]) {
      const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
      const two = COMMAND_NAMES.find((name) => name === words.slice(0, 2).join(' '));
      const args = two === undefined ? words.slice(1) : words.slice(2);
      expect(faultIn(two ?? (words[0] === 'ls' ? 'list' : (words[0] ?? '')), args), line).toBeUndefined();
    }
  },
);
