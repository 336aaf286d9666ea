import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = new URL('../dist/main.cjs', import.meta.url).pathname;

/** How people run Overwinter, with its backups in a folder. */
export const overwinter = (dir: string, db: string, ...args: string[]): string[] => [
  process.execPath,
  MAIN,
  ...args,
  '--db',
  db,
  '--dir',
  join(dir, 'backups'),
];

export function build(): void {
  execFileSync('npm', ['run', 'build', '--silent']);
}
