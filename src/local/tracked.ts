import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readPlainFile } from '../files/plain-file.ts';
import { toStartPrograms } from '../files/programs.ts';
import { foreignEnvironment, PATTERNS } from '../git/environment.ts';

const LARGEST_INDEX = 1024 * 1024 * 1024;

/** What was last found out, for as long as the index is the same: an app that runs for months asks at every backup. */
const known = new Map<string, { readonly stamp: string; readonly tracked: boolean }>();

/**
 * Whether git tracks this path or anything in it, so that a merge or a checkout decides what is there. False where there is no
 * repository. The index itself answers nearly always, because to start git takes longer than most commands have.
 */
export function isTracked(path: string): boolean {
  const top = topOf(dirname(resolve(path)));
  const index = top === undefined ? undefined : indexOf(top);
  if (top === undefined || index === undefined) return false;
  const found = statSync(index, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return false;
  const stamp = `${found.ino}:${found.size}:${found.mtimeNs}`;
  const last = known.get(path);
  if (last?.stamp === stamp) return last.tracked;
  const inside = relative(top, path).replaceAll('\\', '/');
  const tracked = mayName(readPlainFile(index, LARGEST_INDEX), inside) && gitTracks(top, inside);
  known.set(path, { stamp, tracked });
  return tracked;
}

/** A `.git` is the one thing that git never takes from a commit. */
export function topOf(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder;
  return dirname(folder) === folder ? undefined : topOf(dirname(folder));
}

function indexOf(top: string): string | undefined {
  const git = join(top, '.git');
  if (statSync(git).isDirectory()) return join(git, 'index');
  const [, folder] = /^gitdir: (.+?)\r?\n?$/.exec(readFileSync(git, 'utf8')) ?? [];
  return folder === undefined ? undefined : join(resolve(top, folder), 'index');
}

/**
 * Versions 2 and 3 hold every path as it is. Others may leave out what a path shares with the one before, and a split index (`link`)
 * what is in another file.
 */
function mayName(index: Buffer, path: string): boolean {
  const isPlain = index.toString('latin1', 0, 4) === 'DIRC' && [2, 3].includes(index.readUInt32BE(4));
  if (!isPlain || index.includes('link\0')) return true;
  // Where the disk does not tell letters apart, another spelling is the same folder. The last name is enough to look whether to ask.
  const name = Buffer.from(basename(path)).toString('latin1').replace(/[^\w]/g, '\\$&');
  return new RegExp(name, 'i').test(index.toString('latin1'));
}

/** Where git does not answer, what could be tracked is held to be. */
function gitTracks(top: string, path: string): boolean {
  const given = foreignEnvironment(process.env);
  const env = Object.fromEntries(
    Object.entries(toStartPrograms(given)).filter(([name]) => ![...PATTERNS, 'GIT_LITERAL_PATHSPECS'].includes(name)),
  );
  const asked = ['-c', 'core.fsmonitor=false', 'ls-files', '-z', '--', `:(top,icase,literal)${path}`];
  // To load it takes 5 ms, and it is needed once in a thousand times.
  const { spawnSync }: typeof import('node:child_process') = createRequire(import.meta.url)('node:child_process');
  const { status, stdout } = spawnSync('git', asked, { cwd: top, env, stdio: ['ignore', 'pipe', 'ignore'] });
  return status !== 0 || stdout.length > 0;
}
