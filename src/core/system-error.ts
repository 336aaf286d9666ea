/** What the operating system answers when a file cannot be read or written, and what somebody can do about it. */
import { type Hint, hint, program } from './hint.ts';

export const codeOf = (error: unknown) => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // Of a folder that was to be removed as a file, node says it in a word of its own.
  return code === 'ERR_FS_EISDIR' ? 'EISDIR' : code;
};

interface Words {
  readonly what: string;
  /** Ends with the command to run. */
  readonly advice: (path: string) => Hint;
}

const rights: Words['advice'] = (path) => hint`See who may: ${program('ls', '-ld', path)}.`;
const disk: Words['advice'] = (path) =>
  hint`See whether the disk or the network folder is well: ${program('df', path)}.`;
const handles: Words['advice'] = () => hint`Close programs, or raise the limit: ${program('ulimit', '-n', '4096')}.`;
const memory: Words['advice'] = () => hint`Free some memory: ${program('free', '-m')}.`;
const shape: Words['advice'] = (path) => hint`See what is there: ${program('ls', '-ld', path)}.`;

const WORDS: Readonly<Record<string, Words>> = {
  EACCES: { what: 'permission denied', advice: rights },
  EPERM: { what: 'not permitted', advice: rights },
  EROFS: { what: 'the disk is read-only', advice: disk },
  EIO: { what: 'the disk answered with an error', advice: disk },
  ENODEV: { what: 'the disk is gone', advice: disk },
  ENXIO: { what: 'the disk is gone', advice: disk },
  ESTALE: { what: 'the network folder is gone', advice: disk },
  ETIMEDOUT: { what: 'the disk does not answer', advice: disk },
  // Node has no name for this one.
  'Unknown system error -116': { what: 'the network folder is gone', advice: disk },
  EHOSTDOWN: { what: 'the network folder does not answer', advice: disk },
  ENOTCONN: { what: 'the network folder is not connected', advice: disk },
  EBUSY: { what: 'something else has it in use', advice: shape },
  EMFILE: { what: 'this process has too many files open', advice: handles },
  ENFILE: { what: 'this machine has too many files open', advice: handles },
  EAGAIN: { what: 'the system has no room for it now', advice: memory },
  ENOMEM: { what: 'there is too little memory', advice: memory },
  ELOOP: { what: 'it is a link that leads back to itself', advice: shape },
  ENAMETOOLONG: { what: 'the name is too long', advice: shape },
  ENOENT: { what: 'what it leads to is not there', advice: shape },
  ENOTDIR: { what: 'it is no folder', advice: shape },
  EISDIR: { what: 'it is a folder', advice: shape },
  EEXIST: { what: 'something else is there', advice: shape },
  ENOTEMPTY: { what: 'the folder is not empty', advice: shape },
};

/** SQLite keeps the system's own code to itself, and says what it was at. */
const OF_SQLITE: Readonly<Record<string, Words>> = {
  SQLITE_IOERR: { what: 'the disk answered with an error', advice: disk },
  SQLITE_NOMEM: { what: 'there is too little memory', advice: memory },
  SQLITE_CANTOPEN: { what: 'the system did not open it', advice: rights },
};

function wordsFor(code: string): Words | undefined {
  return WORDS[code] ?? Object.entries(OF_SQLITE).find(([start]) => code.startsWith(start))?.[1];
}

/** `permission denied (EACCES)`. */
export const whatSystemSaid = (code: string): string => {
  const words = wordsFor(code);
  return words === undefined ? code : `${words.what} (${code})`;
};

export const adviceFor = (code: string, path: string): Hint => (wordsFor(code)?.advice ?? rights)(path);

/** Whether it was the operating system that threw: it says nothing of what a file holds. */
export const isSystemError = (error: unknown): boolean => /^(E[A-Z0-9]+$|Unknown system error )/.test(codeOf(error));
