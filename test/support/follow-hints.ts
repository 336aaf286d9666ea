import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MAIN, overwinter } from './command-line.ts';
import { kept, scratch } from './scratch.ts';

/** Somebody who does to the letter what each message says, until it works or only they themselves can go on. */

export interface Situation {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What was said to each command, in the folder as it was: one that several hints name is done once. */
  readonly known: Map<string, Said | string | undefined>;
}

/** What is wrong with a way that hints lead. */
export interface Fault {
  /** The commands that were typed, one after another. */
  readonly way: readonly string[];
  readonly what: string;
}

export interface Said {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly commands: readonly string[];
}

/** Words that somebody puts a name of theirs in the place of. */
const TO_FILL_IN = /^(NAME|TARGET|FILE|FOLDER|TIME|COMMIT|ADDRESS|CONDITION|TABLE|OTHER|PROCESS|DATABASE|VALUE)$/;
/** What needs a network, a registry, a server or another's consent, or shows what a person reads. */
const SOMEBODY_ELSES =
  /^(npm|pnpm|yarn|nvm|gh|aws|rclone|apt-get|brew|psql|createdb|pg_\w+|iconv|timedatectl|ulimit|esbuild|which|free)\b/;
/** They make the database that they name, or look into its backups. */
const NEEDS_NO_DATABASE = ['init', 'restore', 'import', 'auto-restore', 'copy', 'list', 'verify', 'log'];
const STARTS = /^(?:npx |pnpm exec |yarn |bunx )?overwinter /;
const MOST_STEPS = 6;

/** What somebody has done before, and what was said. */
export interface Seen extends Said {
  readonly typed: string;
}

/** Every way from a command on, by each command of each hint; where nothing is wrong there are none. */
export function faultsFrom(situation: Situation, typed: string, before: readonly Seen[] = []): readonly Fault[] {
  const [, there, then] = /^cd (\S+) && (.+)$/.exec(typed) ?? [];
  const entered = resolve(situation.folder, there ?? '.');
  // Whoever went there stays there.
  if (then !== undefined && existsSync(entered)) return faultsFrom({ ...situation, folder: entered }, then, before);
  const said = heard(situation, typed, before.length > 0);
  const way = [...before.map((seen) => seen.typed), typed];
  if (said === undefined) return [];
  if (typeof said === 'string') return [{ way, what: said }];
  const again = before.find((seen) => seen.code === said.code && seen.message === said.message);
  if (again !== undefined && (again.typed === typed || before.length > 1))
    return [{ way, what: `a circle: ${said.message}` }];
  if (said.hint === '') return [{ way, what: `nothing to do is said: ${said.message}` }];
  if (before.length === MOST_STEPS) return [{ way, what: 'no end' }];
  const here = [...before, { typed, ...said }];
  return said.commands.flatMap((command) => faultsFrom(situation, command, here));
}

function heard(situation: Situation, typed: string, isFromHint: boolean): Said | string | undefined {
  const key = `${isFromHint} ${situation.folder} ${typed}`;
  if (!situation.known.has(key))
    situation.known.set(
      key,
      inPlace(situation.folder, () => run(situation, typed, isFromHint)),
    );
  return situation.known.get(key);
}

/** Undefined where it works or is for a person, a sentence where it cannot be typed so, and else what the program says. */
function run({ folder, env = {} }: Situation, typed: string, isFromHint = true): Said | string | undefined {
  const words = wordsOf(typed);
  if (words.some((word) => TO_FILL_IN.test(word) || /:PASSWORD@/.test(word)) || SOMEBODY_ELSES.test(typed))
    return undefined;
  const steps = typed.split(' && ');
  const last = steps.at(-1) ?? '';
  if (steps.length > 1 && STARTS.test(last))
    // What it says at the end is followed; what goes before must go well.
    return runInShell(folder, env, steps.slice(0, -1).join(' && ')) ?? run({ folder, env, known: new Map() }, last);
  if (!STARTS.test(typed) || /&&|;|\|/.test(typed)) return runInShell(folder, env, typed);
  const args = words.slice(words.indexOf('overwinter') + 1);
  const named = args[args.indexOf('--db') + 1];
  if (
    isFromHint &&
    args.includes('--db') &&
    named !== undefined &&
    !NEEDS_NO_DATABASE.includes(args[0] ?? '') &&
    !isThere(folder, named)
  )
    return `there is no ${named}`;
  const { code, stdout, stderr } = overwinter(folder, [...args, '--json'], { ...PERSON, ...env });
  if (stderr.includes('    at ')) return `a fault: ${stderr}`;
  const advised = /^(status|doctor)$/.test(args[0] ?? '') ? adviceIn(stdout) : undefined;
  if (advised !== undefined || code === 0) return advised;
  const document = stdout === '' ? undefined : JSON.parse(stdout);
  // What is found amiss is an answer.
  if (document?.error === undefined) return undefined;
  const { code: is, message, hint, commands = [] } = document.error;
  if (isFromHint && /^Unknown (option|command)/.test(message)) return `not understood: ${message}`;
  return { code: is, message, hint, commands };
}

/** What two commands say to do first, or at all, is followed like what an error says. */
function adviceIn(stdout: string): Said | undefined {
  const { chain, checks = [], error } = JSON.parse(stdout);
  if (error !== undefined) return undefined;
  const findings: { text: string; fix?: string }[] = checks.flatMap(
    ({ findings: each }: { findings: object[] }) => each,
  );
  const first: { text: string; hint?: string; command?: string } | undefined = chain?.first;
  const commands = [first?.command, ...findings.map(({ fix }) => fix)].filter((each) => each !== undefined);
  if (first === undefined && commands.length === 0) return undefined;
  return { code: 'ADVICE', message: first?.text ?? 'the doctor', hint: first?.hint ?? 'see above', commands };
}

/** A path must be there; an address is somewhere else. */
const isThere = (folder: string, named: string) =>
  /^[a-z]{2,}:/.test(named) || !/[./]/.test(named) || existsSync(resolve(folder, named));

export const PERSON = {
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.org',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.org',
};

let programs: string | undefined;

/** A folder with what starts the program under its own name, and by npx. */
function withPrograms(): string {
  if (programs !== undefined) return programs;
  programs = kept();
  const main = `exec '${process.execPath}' '${MAIN}' "$@"\n`;
  writeFileSync(join(programs, 'overwinter'), `#!/bin/sh\n${main}`, { mode: 0o755 });
  writeFileSync(join(programs, 'npx'), `#!/bin/sh\nshift\n${main}`, { mode: 0o755 });
  return programs;
}

function runInShell(folder: string, env: Readonly<Record<string, string>>, typed: string): string | undefined {
  const PATH = `${withPrograms()}:${process.env.PATH}`;
  const { status, stderr } = spawnSync('bash', ['-c', typed], {
    cwd: folder,
    env: { PATH, HOME: folder, OVERWINTER_HOST: 'none', ...PERSON, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return status === 0 ? undefined : `'${typed}' ends with ${status}: ${stderr.trim()}`;
}

/** The folder as it was, whatever was done in it. */
function inPlace<T>(folder: string, work: () => T): T {
  const kept = join(scratch(), 'kept');
  mkdirSync(kept);
  copyAll(folder, kept);
  try {
    return work();
  } finally {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    copyAll(kept, folder);
    rmSync(kept, { recursive: true, force: true });
  }
}

function copyAll(from: string, to: string): void {
  for (const name of readdirSync(from))
    cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** The words of a line as a shell would read it. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|\\'|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\'/g, (_all, one, two) => one ?? two ?? "'"),
  );
}
