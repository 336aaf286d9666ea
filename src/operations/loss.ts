import { OverwinterError } from '../core/errors.ts';
import { countRows } from '../engines/codec.ts';
import type { Reading } from '../engines/engine.ts';
import { SEALED_FORMAT } from '../format/sealed.ts';
import type { ReadableStore } from '../stores/store.ts';
import { type Opened, pointerOf, readCatalog } from './catalog.ts';
import { newestWhole } from './newest.ts';
import { mustBeOurs } from './ours.ts';
import type { Project } from './project.ts';
import { type Unsealed, unseal } from './unseal.ts';

export type Read = Reading;

/** What is known of the backups before this one. */
export interface Before {
  /** Where they are. */
  readonly store: ReadableStore;
  /** The newest whole one. */
  readonly newest: Opened | undefined;
  /** Whether it is encrypted, or a newer one that is damaged. */
  readonly encrypted: boolean;
  /** How many rows the newest one had, even if it is damaged. */
  readonly rows: number;
}

/**
 * A damaged backup still counts for the guard: the pointer, or else its own first lines, know its rows. Throws ANOTHER_DATABASE where the
 * backups before are of another database.
 */
export async function lookBack(
  project: Pick<Project, 'identity' | 'folderOf'> & { readonly store: ReadableStore },
): Promise<Before> {
  const { store } = project;
  const { entries } = await readCatalog(store);
  mustBeOurs(project, store.label, entries);
  const { newest, damaged } = await newestWhole(store, entries);
  const pointer = await pointerOf(store);
  const rows = [newest?.manifest.metadata.rows ?? 0];
  for (const { name, metadata } of damaged) if (name !== pointer?.name) rows.push(metadata.rows);
  const date = newest?.manifest.metadata.backup_date ?? '';
  const isNewer =
    pointer !== undefined && (pointer.backup_date > date || damaged.some((each) => each.name === pointer.name));
  if (isNewer) rows.push(pointer.rows);
  const latest = [...damaged.map(({ metadata }) => metadata), ...(newest ? [newest.manifest.metadata] : [])];
  return { store, newest, encrypted: latest.some(({ format }) => format === SEALED_FORMAT), rows: Math.max(...rows) };
}

/** Rows of the user's tables as they are read, or with those that are left out. */
export function countsIn({ codec, schema, tables }: Read, which: 'rows' | 'there'): Map<string, number> {
  const stored = new Map(tables.map((table) => [table.name, table[which]]));
  return countRows(codec.countedTables(schema), (name) => stored.get(name));
}

/** Undefined where there is none, and where an encrypted one cannot be opened here. */
export async function contentsOf(
  { encryption }: Pick<Project, 'encryption'>,
  store: ReadableStore,
  backup: Pick<Opened, 'manifest'> | undefined,
): Promise<Unsealed | undefined> {
  if (backup === undefined) return undefined;
  try {
    return await unseal(encryption, store, backup);
  } catch (error) {
    const code = error instanceof OverwinterError ? error.code : undefined;
    if (code === 'WRONG_KEY' || code === 'BACKUP_DAMAGED') return undefined;
    throw error;
  }
}
