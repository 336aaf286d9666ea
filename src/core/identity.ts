import { type Settings, setting } from './hint.ts';
import type { Metadata } from './manifest.ts';

/** What tells one database of a project from another, wherever it lies on the machine at hand. */
export interface Identity {
  /** What the configuration calls it, or else its file's name without folder and extension. */
  readonly name: string;
  /** The configuration says the name: then it is the same database wherever it lies. */
  readonly isNamed: boolean;
  /** Where the project has it, with slashes; undefined where it lies elsewhere. */
  readonly path?: string;
  /** What a configuration calls it that is no file. */
  readonly target?: string;
}

const DATABASE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The name of a database that nobody named. It does not depend on the folder, which differs between machines. */
export function usualName(target: string): string {
  const file = target.split(/[\\/]/).findLast((step) => step !== '') ?? '';
  const plain = file
    .replace(/(?<=.)\.[^.]*$/, '')
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100);
  return faultInDatabaseName(plain) === undefined ? plain : 'database';
}

/** A database's name is a folder's, beside the backups of the first one. Returns what is wrong, as the end of a sentence. */
export function faultInDatabaseName(name: string): string | undefined {
  if (!DATABASE_NAME.test(name))
    return "must begin with a letter or digit and hold only letters, digits, '.', '_' and '-'";
  if (/^(parts|latest|latest_backup)$/i.test(name)) return 'is taken: backups use it themselves';
  if (/\.json$/i.test(name) || /^(backup|deployment)_\d/i.test(name)) return "must not look like a backup's";
  return undefined;
}

/** Undefined where a backup does not say what it is of. */
export function identityIn({ database_name: name, database: path }: Metadata): Identity | undefined {
  if (path !== undefined) return { name: name ?? usualName(path), isNamed: false, path };
  return name === undefined ? undefined : { name, isNamed: false };
}

/**
 * Whether a backup is of this database: it lay at the same place in the project; or it has the same name, and either the configuration
 * says the name, or one of the two lies outside of the project, as on a volume.
 */
export function isOf(ours: Identity, metadata: Metadata): boolean {
  const theirs = identityIn(metadata);
  return theirs === undefined || isSameDatabase(ours, theirs);
}

export function isSameDatabase(ours: Identity, theirs: Identity): boolean {
  if (ours.path !== undefined && ours.path === theirs.path) return true;
  if (ours.name !== theirs.name) return false;
  return ours.isNamed || ours.path === undefined || theirs.path === undefined;
}

/** What somebody is told of it. */
export const identityInWords = ({ name, path }: Pick<Identity, 'name' | 'path'>): string => path ?? name;

/** What the configuration would have to say for both to be kept, and for both to be one. */
export function linesFor(theirs: Identity, ours: Identity): { readonly both: Settings; readonly one: Settings } {
  const entry = (name: string | undefined, db: string) => ({ ...(name === undefined ? {} : { name }), db });
  const their = theirs.path ?? (ours.target === undefined ? `${theirs.name}.db` : 'env:NAME');
  const our = ours.path ?? ours.target ?? `${ours.name}.db`;
  const first = entry(theirs.name === usualName(their) ? undefined : theirs.name, their);
  const own = ours.name === theirs.name ? usualName(our.replaceAll(/[\\/]/g, '-')) : ours.name;
  const second = entry(own === usualName(our) ? undefined : own, our);
  return {
    both: setting({ databases: [first, second] }),
    one: setting({ databases: [entry(theirs.name, our)] }),
  };
}
