import { createHash } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isHindrance } from '../core/damage.ts';
import type { AsFile, Database, FileMark } from '../engines/engine.ts';
import { isAnother, type Lately, markOfFolders, markOfScan, type Scan, writtenLast } from '../folders/scan.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import { localFolder, projectRoot, readLocal, writeLocal } from './place.ts';
import type { Server } from './unchanged-server.ts';

/** Where the files of a database are, and what of them tells its state. */
type Files = Pick<AsFile, 'path' | 'marks'>;

/**
 * A database that was not written to since its last backup need not be opened to know it, where its files tell. This and what `place.ts`
 * needs are all that an unchanged `backup` loads: the engine said before what to look at. One at an address is asked one question.
 */
interface Memory {
  /** How the command was called: where, with what arguments, in what environment. */
  readonly call: string;
  readonly databases: readonly Files[];
  /** Where the call is about one database, and that is at an address. */
  readonly server?: Server;
  /** What lies beside their rows and is saved with them, and what told its state. */
  readonly folders: readonly WantedFiles[];
  readonly marks: readonly string[];
  /** Of what lies there, what is likely to change next. */
  readonly lately: Lately;
  /** Files besides the database whose change means looking again. */
  readonly watched: readonly string[];
  /** Variables besides our own that say which database is meant. */
  readonly variables: readonly string[];
  readonly signature: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly staged?: Staged;
  /** When somebody is to hear again that all is well, in milliseconds. */
  readonly until?: number;
}

/** What git's index held of the backups when the hook was done. */
export interface Staged {
  /** The top of the work tree, and the backups folder from there. */
  readonly top: string;
  readonly folder: string;
  readonly listing: string;
}

export interface Call {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The hook has a memory of its own: a backup by hand between two commits is not to make it forget. */
const memoryName = (argv: readonly string[]) => (argv[0] === 'hook' ? 'unchanged-hook.json' : 'unchanged.json');

function head(path: string, length: number): string {
  // Closing a file lets go of the locks that this process has on it.
  if (length === 0) return '';
  // A pipe would be waited for.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('hex', 0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}

function stamp(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  // Whoever sets a file's time back cannot set back when that was done.
  return stat === undefined ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}

/**
 * What tells one state of a database from another; undefined where there is none. It opens the database's files: never call it in
 * a process that has the database open, because closing a file lets go of the locks SQLite holds on it.
 */
function signatureOfFiles({ path, marks }: Files): string | undefined {
  try {
    // What is beside a database is beside the file that a link names.
    const real = realpathSync(path);
    const hasBytes = (end: string) => (statSync(real + end, { throwIfNoEntry: false })?.size ?? 0) > 0;
    const look = ({ end, head: length, times, onlyWith }: FileMark) => {
      const isThere = hasBytes(end) && (onlyWith === undefined || hasBytes(onlyWith));
      return isThere ? `${times ? stamp(real + end) : ''} ${head(real + end, length)}` : '-';
    };
    return marks.map(look).join(' ');
  } catch {
    return undefined;
  }
}

const signatureOf = (databases: readonly string[], watched: readonly string[]) =>
  [...databases, ...watched.map(stamp)].join('\n');

/** What a configuration that is code may ask for is anything, save for what changes with every call. */
const OURS = /^(OVERWINTER_(?!IDENTITY|PASSPHRASE|GIT_TOKEN|NTFY_TOKEN|SMTP_URL|WEBHOOK_SECRET).*|NODE_ENV|CI)$/;
// Keys change nothing about what is saved, and a passphrase could be guessed from a hash.
const PASSING =
  /^(OVERWINTER_IDENTITY.*|OVERWINTER_PASSPHRASE|OVERWINTER_(?:GIT_TOKEN|NTFY_TOKEN|SMTP_URL|WEBHOOK_SECRET)|GIT_.*|SHLVL|_|PWD|OLDPWD|TERM.*|COLUMNS|LINES|npm_.*|EDITOR|VISUAL)$/;
const isCode = (file: string) => /\.(ts|js|mjs)$/.test(file);

function callOf({ argv, cwd, env }: Call, watched: readonly string[], variables: readonly string[]): string {
  const code = watched.some((file) => isCode(file) && existsSync(file));
  const isRelevant = (name: string) => (code ? !PASSING.test(name) : OURS.test(name)) || variables.includes(name);
  const relevant = Object.entries(env).filter(([name]) => isRelevant(name));
  // Only compared, never read: what the environment holds may be secret.
  return createHash('sha256')
    .update(JSON.stringify([resolve(cwd), argv, relevant.sort()]))
    .digest('hex');
}

/** The `.overwinter/` folder of calls from `cwd`. */
function localOf({ argv, cwd }: Call): string {
  const at = argv.indexOf('--dir');
  const dir = at === -1 ? undefined : argv[at + 1];
  return localFolder(projectRoot(dir === undefined ? cwd : dirname(resolve(cwd, dir))));
}

/** A database of a call: its files, and what told its state before it was read. Either may be missing: then nothing is remembered. */
export interface Remembered {
  readonly files: Files | undefined;
  readonly signature: string | undefined;
  /** The folders that are saved with it, and what told their state when it was read; to be known only then. */
  readonly folders: WantedFiles | undefined;
  foldersSignature(): string | undefined;
  /** What of them was written to last. */
  writtenLast(): Lately;
  /** Instead of files. */
  readonly server?: Server | undefined;
}

/** What is asked of a project. */
export interface ToRemember {
  readonly database: Pick<Database, 'file'>;
  readonly files?: WantedFiles;
}

/** To be asked before the database is read, and in no process that has it open; `onFiles` is for whoever saves it. */
export function toRemember({ database: { file }, files: folders }: ToRemember): Remembered & {
  readonly onFiles: (scan: Scan) => void;
} {
  const files = file && { path: file.path, marks: file.marks };
  let seen = folders === undefined ? '' : undefined;
  let last: Lately = [];
  const onFiles = (scan: Scan) => {
    seen = markOfScan(scan);
    last = seen === undefined ? [] : writtenLast(scan);
  };
  const signature = files && signatureOfFiles(files);
  return { files, signature, folders, foldersSignature: () => seen, writtenLast: () => last, onFiles };
}

/** Keeps what an unchanged backup of these databases would print. */
export function remember(
  call: Call,
  databases: readonly Remembered[],
  watched: () => readonly string[],
  words: Pick<Memory, 'stdout' | 'stderr' | 'staged' | 'until'>,
  variables: readonly string[] = [],
): void {
  const known = databases.flatMap(({ files, signature }) =>
    files === undefined || signature === undefined ? [] : [{ files, signature }],
  );
  const marks = databases.flatMap((each) => each.foldersSignature() ?? []);
  const [server] = databases.length === 1 ? databases.flatMap((each) => each.server ?? []) : [];
  const isKnown = server !== undefined || (known.length > 0 && known.length === databases.length);
  if (!isKnown || marks.length < databases.length) return;
  try {
    const others = watched();
    const memory: Memory = {
      call: callOf(call, others, variables),
      databases: known.map(({ files }) => files),
      ...(server === undefined ? {} : { server }),
      folders: databases.flatMap(({ folders }) => folders ?? []),
      marks: marks.filter((mark) => mark !== ''),
      lately: databases.flatMap((each) => each.writtenLast()),
      watched: others,
      variables,
      signature: signatureOf(
        known.map(({ signature }) => signature),
        others,
      ),
      ...words,
    };
    writeLocal(localOf(call), memoryName(call.argv), JSON.stringify(memory), { flush: false });
  } catch (error) {
    // The backup is made; without a memory the next one takes longer, and that is all.
    if (!isHindrance(error)) throw error;
  }
}

const isAsItWas = async (server: Server, call: Call) => (await import('./unchanged-server.ts')).isAsItWas(server, call);

/** Whether all is as it was that lies on this machine. */
function isCallAsItWas(memory: Memory, call: Call): boolean {
  if (Date.now() > (memory.until ?? Number.POSITIVE_INFINITY)) return false;
  if (memory.call !== callOf(call, memory.watched, memory.variables)) return false;
  const databases = memory.databases.map((files) => signatureOfFiles(files) ?? 'gone');
  if (signatureOf(databases, memory.watched) !== memory.signature) return false;
  // Thousands of files are looked at only where nothing else tells.
  if (isAnother(memory.lately)) return false;
  return memory.folders.every((each, at) => markOfFolders(each) === memory.marks[at]);
}

/** What to print, if nothing changed since the same call was last made; undefined where that is not certain. */
export async function recall(
  call: Call,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly staged?: Staged } | undefined> {
  try {
    const memory: Memory = JSON.parse(readLocal(localOf(call), memoryName(call.argv)) ?? '');
    // A server takes as long to let anybody in as all the rest takes.
    const asked = memory.server && isAsItWas(memory.server, call);
    asked?.catch(() => {});
    if (asked !== undefined) await new Promise(setImmediate);
    if (!isCallAsItWas(memory, call)) return undefined;
    if (asked !== undefined && !(await asked)) return undefined;
    const { stdout, stderr, staged } = memory;
    return { stdout, stderr, ...(staged === undefined ? {} : { staged }) };
  } catch {
    return undefined;
  }
}
