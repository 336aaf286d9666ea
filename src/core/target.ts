import { nearest } from './nearest.ts';
import { databaseInMemory } from './problems/database.ts';
import { motherduckNameUnreadable } from './problems/motherduck.ts';
import { targetElsewhere, targetUnknown, targetUnreadable } from './problems/target.ts';

/** Which database is meant: what a path or a URL comes to. A path in it is relative to whoever said it, unless it is absolute. */
export type Target =
  | SqliteFile
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'pglite'; readonly folder: string }
  | { readonly kind: 'duckdb'; readonly file: string }
  | { readonly kind: 'motherduck'; readonly name: string };

export interface SqliteFile {
  readonly kind: 'sqlite';
  readonly file: string;
  /** Said by a `file:` URL. */
  readonly byUrl: boolean;
  /** `sqlite:///data/app.db` is `data/app.db` to SQLAlchemy and `/data/app.db` to sqlx: the second of the two. */
  readonly orElse?: string;
}

/** The file or folder in which it lies; undefined for what is reached by an address. */
export function placeOf(target: Target): string | undefined {
  if (target.kind === 'sqlite' || target.kind === 'duckdb') return target.file;
  return target.kind === 'pglite' ? target.folder : undefined;
}

/** The last step of its name: a file's, a folder's, or that of a database on a server. */
export function nameIn(target: Target): string {
  const name = target.kind === 'motherduck' ? target.name : (placeOf(target) ?? pathIn(target));
  return name.split(/[\\/]/).findLast((step) => step !== '') ?? '';
}

const pathIn = (target: Target) =>
  target.kind === 'postgres' ? (/^[^:]+:\/\/[^/?#]*\/([^?#]*)/.exec(target.url)?.[1] ?? '') : '';

/** The name of the variable that says which database is meant. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
}

type Read = (rest: string) => Target | Variable;

/** Every beginning a target may have; what has none is a path. */
const SCHEMES: Readonly<Record<string, Read>> = {
  file: (rest) => fileAt(fromFileUrl(pathPart(rest)), true),
  sqlite: (rest) => fromSqliteUrl(pathPart(rest)),
  postgres: (rest) => ({ kind: 'postgres', url: `postgres:${rest}` }),
  postgresql: (rest) => ({ kind: 'postgres', url: `postgresql:${rest}` }),
  pglite: (folder) => {
    if (folder === '') throw targetUnreadable()();
    return { kind: 'pglite', folder };
  },
  duckdb: (file) => ({ kind: 'duckdb', file }),
  md: motherduckCalled,
  env: (name) => ({ kind: 'variable', name }),
};

/** How each is written, for whoever wrote something else. */
const EXAMPLES =
  'data/app.db, file:./app.db, sqlite:app.db, postgres://…, pglite:FOLDER, duckdb:FILE, md:NAME or env:NAME';

// One letter before a colon is a drive of Windows.
const SCHEME = /^([a-z][a-z0-9.-]+)(\+[a-z0-9_.-]+)?:(.*)$/is;

/** Throws USAGE for a scheme that is none of these, and for what is no place of a database. Says no more of it than its scheme. */
export function parseTarget(text: string): Target | Variable {
  const [, scheme = '', dialect = '', rest = ''] = SCHEME.exec(text) ?? [];
  if (scheme === '') return fileAt(text, false);
  const name = scheme.toLowerCase();
  const read = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  // SQLAlchemy names a driver after a plus.
  if (read !== undefined && (dialect === '' || WITH_DRIVER.includes(name))) return read(rest);
  const meant = nearest(name, Object.keys(SCHEMES));
  throw targetUnknown(`${scheme}${dialect}`, meant, EXAMPLES)();
}

const WITH_DRIVER = ['sqlite', 'postgresql', 'postgres'];

/** Whether a text has the form of a target that names its kind itself. */
export function hasKnownScheme(text: string): boolean {
  const name = SCHEME.exec(text)?.[1]?.toLowerCase();
  return name !== undefined && Object.hasOwn(SCHEMES, name);
}

/** Whether a target may have a password in it: then it is not for arguments, which every user of a machine can list. */
export function mayHoldSecret(text: string): boolean {
  return hasKnownScheme(text) && !/^(file|sqlite|env|pglite|duckdb|md):/i.test(text);
}

/** Throws USAGE for anything but a name: settings behind it may be a token. */
function motherduckCalled(name: string): Target {
  if (!/^[^\p{Cc}?#&=:;/\\'"]+$/u.test(name)) throw motherduckNameUnreadable()();
  return { kind: 'motherduck', name };
}

/** What a path means, whatever is there. Throws USAGE for one that could be none. */
export function fileAt(file: string, byUrl: boolean): Target {
  if (file === '' || file === ':memory:') throw databaseInMemory()();
  if (file.includes('\0')) throw targetUnreadable()();
  return /\.duckdb$/i.test(file) ? { kind: 'duckdb', file } : { kind: 'sqlite', file, byUrl };
}

/** Without what ORMs put behind the path. Throws USAGE where that says that there is no file. */
function pathPart(rest: string): string {
  const [path = '', settings = ''] = rest.split(/[?#]/, 2);
  if (/(^|&)mode=memory(&|$)/.test(settings)) throw databaseInMemory()();
  return decoded(path);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A percent sign that stands for itself.
    return path;
  }
}

const withoutSlashBeforeDrive = (path: string) => path.replace(/^\/(?=[a-z]:[\\/])/i, '');

function fromFileUrl(path: string): string {
  if (!path.startsWith('//')) return withoutSlashBeforeDrive(path);
  const local = /^\/\/(?:localhost)?(\/.*)$/is.exec(path)?.[1];
  if (local === undefined) throw targetElsewhere()();
  return withoutSlashBeforeDrive(local);
}

function fromSqliteUrl(path: string): Target {
  const slashes = /^\/*/.exec(path)?.[0].length ?? 0;
  const rest = path.slice(slashes);
  if (slashes >= 4) return fileAt(`/${rest}`, false);
  if (slashes !== 3) return fileAt(slashes === 2 ? rest : path, false);
  const found = fileAt(rest, false);
  // Nobody keeps a database in the root of the file system.
  const isAmbiguous = found.kind === 'sqlite' && rest.includes('/') && !/^(\.|[a-z]:)/i.test(rest);
  return isAmbiguous ? { ...found, orElse: `/${rest}` } : found;
}
