import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { postgresPrograms } from './postgres.ts';

/** Programs that a fresh machine lacks, and what is tried with them. `.ci/run` installs them all. */
const WANTED = {
  age: 'that age itself opens what is encrypted here',
  chromium: 'the panel in a browser',
  groff: 'that the manual page has no fault',
  jq: 'that rows come out by hand, as the format says',
  rclone: 'copies in what rclone reaches',
} as const;

export type Program = keyof typeof WANTED;

const NAMES: Readonly<Record<Program, readonly string[]>> = {
  age: ['age'],
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  groff: ['groff'],
  jq: ['jq'],
  rclone: ['rclone'],
};

const PROGRAMS: readonly Program[] = ['age', 'chromium', 'groff', 'jq', 'rclone'];

/** Where a program is that tests may use; undefined where it is not installed. */
export function installed(program: Program): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES[program].flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A line for each program that is not here: what is not tried, and what to install. */
export function notInstalled(): string[] {
  const lines = PROGRAMS.filter((program) => installed(program) === undefined).map(
    (program) => `Not tried without ${program}: ${WANTED[program]}. On Debian: apt-get install ${program}`,
  );
  if (postgresPrograms() === undefined)
    lines.push('Not tried without a server: PostgreSQL. On Debian: apt-get install postgresql postgresql-contrib');
  return lines;
}
