import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { healthy, likeEvery, type Patient } from './ailing.ts';
import { MAIN } from './command-line.ts';
import { addRows, plainEnvironment, repositoryIn } from './repository.ts';
import { kept, scratch } from './scratch.ts';

/** How long anything may take. A pipe that is waited for would take for ever. */
export const PATIENCE_MS = 10_000;

/** A project of somebody's, what else they have on their disk, and where programs leave a mark that ought not to run. */
export interface Victim extends Patient {
  /** Files beside the project, as in a home. */
  readonly outside: string;
  readonly marks: string;
}

export interface Ran {
  readonly code: number | null;
  readonly said: string;
  readonly hung: boolean;
}

export function newVictim(): Victim {
  const folder = scratch();
  const patient = likeEvery('victim', withParts, folder);
  const [outside, marks] = [join(folder, 'outside'), join(folder, 'marks')];
  mkdirSync(join(outside, 'assets'), { recursive: true });
  mkdirSync(marks);
  writeFileSync(join(outside, '.bashrc'), 'export A=1\n');
  writeFileSync(join(outside, 'notes.json'), '{}\n');
  const other = new Database(join(outside, 'other.db'));
  other.exec("CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes VALUES (1, 'of another app')");
  other.close();
  rmSync(join(patient.top, '.overwinter'), { recursive: true, force: true });
  return { ...patient, outside, marks };
}

function withParts(): Patient {
  const patient = healthy({}, kept());
  addRows(patient.database, 500);
  patient.write('more.txt', 'more\n');
  patient.git(['add', '.']);
  patient.git(['commit', '-q', '-m', 'more']);
  patient.git(['push', '-q', 'origin', 'main']);
  return patient;
}

/** A shell script that leaves a mark and then does what the real program would. */
export const canary = ({ marks }: Victim, name: string) => `#!/bin/sh\n: > '${join(marks, name)}'\n`;
/** The same in one line, for where a command is asked for. */
export const canaryCommand = ({ marks }: Victim, name: string) => `touch ${join(marks, name)}`;
export const canaryScript = ({ marks }: Victim, name: string) =>
  `require('node:fs').writeFileSync(${JSON.stringify(join(marks, name))}, '');\n`;

export const marksOf = ({ marks }: Victim): string[] => readdirSync(marks).sort();

/** What of a folder can be told from outside: names, kinds, links and bytes. */
export function picture(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(entries.map((path) => [path, kindOf(join(folder, path))]));
}

function kindOf(path: string): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (stat.isFile()) return `file ${stat.mode} ${readFileSync(path).toString('base64')}`;
  return `${stat.mode}`;
}

/** Runs a program in the project as somebody would whose shell found it by `npx`, and gives up on it after a while. */
export function start(victim: Victim, file: string, args: readonly string[], env: Record<string, string> = {}): Ran {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd: victim.app,
    env: {
      ...plainEnvironment,
      HOME: join(dirname(victim.outside), 'home'),
      PATH: `${join(victim.top, 'node_modules/.bin')}:${process.env.PATH}`,
      OVERWINTER_HOST: 'none',
      GIT_TERMINAL_PROMPT: '0',
      ...env,
    },
    encoding: 'utf8',
    input: '',
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  return { code: status, said: `${stdout}${stderr}`, hung: error !== undefined };
}

/** Opens the panel as `overwinter ui` and a browser do, looks at its first page, and ends it. What the browser is, PATH says. */
export function panelIn(victim: Victim, env: Record<string, string> = {}): Ran {
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, [${JSON.stringify(MAIN)}, 'ui'], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.on('exit', (code) => process.exit(code ?? 9));
    child.stdout.setEncoding('utf8').on('data', async (text) => {
      const address = /http:\\S+/.exec(text);
      if (address === null) return;
      const page = await fetch(address[0]).catch(String);
      console.error(page.status + ' ' + (page.status === 200 ? (await page.text()).includes('<html') : ''));
      child.kill('SIGINT');
    });`;
  return start(victim, process.execPath, ['-e', script], env);
}

export const overwinterIn = (victim: Victim, args: readonly string[], env?: Record<string, string>): Ran =>
  start(victim, process.execPath, [MAIN, ...args], env);

/** What git itself does, from the shell of whoever has the project: hooks and merge drivers run in it. */
export const gitIn = (victim: Victim, args: readonly string[], env?: Record<string, string>): Ran =>
  start(victim, gitPath, args, env);

const gitPath = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();

/** A branch of a stranger's, made in a clone of their own from what is on `main`. */
export function strangersBranch(victim: Victim, make: (top: string) => void, name = 'stranger'): void {
  const clone = join(scratch(), 'clone');
  victim.git(['clone', '-q', victim.remote, clone]);
  const stranger = repositoryIn(clone);
  stranger.git(['switch', '-q', '-c', name]);
  make(clone);
  stranger.git(['add', '-A', '-f', '.']);
  stranger.git(['commit', '-q', '--allow-empty', '--no-verify', '-m', 'an improvement']);
  stranger.git(['push', '-q', 'origin', name]);
}

/** Puts a file where it may not be yet, in the place of whatever is there. */
export function put(top: string, path: string, text: string, executable = false): void {
  const file = join(top, path);
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  if (executable) chmodSync(file, 0o755);
}

export function link(top: string, path: string, target: string): void {
  const file = join(top, path);
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  symlinkSync(target, file);
}

/** What no commit holds, and an archive may: `mkfifo`, `mknod`, and what a server leaves that was killed. */
export function special(top: string, path: string, kind: 'pipe' | 'device' | 'socket'): void {
  const file = join(top, path);
  rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  if (kind === 'pipe') execFileSync('mkfifo', [file]);
  else if (kind === 'socket') leaveSocket(file);
  else execFileSync('mknod', [file, 'c', '1', '5']);
}

function leaveSocket(file: string): void {
  // The name of a socket may be no longer than a hundred bytes: it is made in its folder.
  const script = `require('node:net').createServer().listen(${JSON.stringify(basename(file))}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script], { cwd: dirname(file), stdio: 'ignore' });
  if (!lstatSync(file).isSocket()) throw new Error(`${file} is no socket`);
}

export const mayMakeDevices = process.getuid?.() === 0 && existsSync('/dev/zero') && canMakeDevice();

function canMakeDevice(): boolean {
  const file = join('/tmp', `overwinter-device-${process.pid}`);
  const { status } = spawnSync('mknod', [file, 'c', '1', '5'], { stdio: 'ignore' });
  rmSync(file, { force: true });
  return status === 0;
}

/** A bare repository as files that a commit can hold, whose configuration starts a program. */
export function bareRepository(top: string, path: string, config: string): void {
  for (const [file, text] of Object.entries({
    HEAD: 'ref: refs/heads/main\n',
    config,
    'objects/pack/keep': '',
    'refs/heads/keep': '',
  }))
    put(top, `${path}/${file}`, text);
}

export { addRows };
