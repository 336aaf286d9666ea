/** Writes the manual page from what the program says of itself, before it is packed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createProgram } from '../src/cli/program.ts';
import { type CommandWords, wordsOfProgram } from '../src/cli/words-of-program.ts';

const ROOT = resolve(import.meta.dirname, '..');
const { version }: { version: string } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'));

/** A backslash, a dash, and a dot or quote that begins a line mean something to roff; it reads ASCII. */
const plain = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replace(/[^\n -~]/gu, (char) => `\\[u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`);

const verbatim = (text: string) => ['.PP', '.nf', plain(text), '.fi'];

function section({ path, description, usage, options, more }: CommandWords): string[] {
  const title =
    path.length === 0 ? ['.SH OPTIONS'] : [`.SS ${plain(path.join(' '))}`, plain(description), ...verbatim(usage)];
  // What every command takes is said once.
  const own = path.length === 0 ? options : options.filter(({ flags }) => !common.has(flags));
  const listed = own.flatMap((option) => ['.TP', `.B ${plain(option.flags)}`, plain(option.description)]);
  return [...title, ...listed, ...(more === '' ? [] : verbatim(more))];
}

const terminal = {
  argv: [],
  cwd: ROOT,
  env: {},
  now: () => new Date(),
  out: process.stdout,
  err: process.stderr,
};
const [program, ...commands] = wordsOfProgram(await createProgram(terminal));
if (program === undefined) throw new Error('there is no program');
const common = new Set(program.options.map(({ flags }) => flags));

const page = [
  `.TH OVERWINTER 1 "" "overwinter ${version}" "User commands"`,
  '.SH NAME',
  `overwinter \\- ${plain("keeps an app's SQLite data in its git repository")}`,
  '.SH SYNOPSIS',
  '.B overwinter',
  plain('<command> [options]'),
  '.SH DESCRIPTION',
  plain(program.description),
  ...section(program),
  '.SH COMMANDS',
  ...commands.flatMap(section),
  '.SH EXIT STATUS',
  '0 done or nothing to do, 1 error, 2 usage, 3 verification failed, 4 refused by a guard, 10 no backup, 11 database locked, 12 wrong key.',
];
writeFileSync(process.argv[2] ?? resolve(ROOT, 'dist/overwinter.1'), `${page.join('\n')}\n`);
