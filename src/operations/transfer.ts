import { reasonOf } from '../core/errors.ts';
import { JsonSyntaxError, membersOf } from '../core/json.ts';
import { type Content, FORMAT, type MadeFor, type Manifest, partsOf, type TableData } from '../core/manifest.ts';
import { documentOverAnother } from '../core/problems/another-database.ts';
import { importUnreadable } from '../core/problems/restoring.ts';
import { article } from '../core/words.ts';
import { contentDigest, writeManifest } from '../core/write-manifest.ts';
import { readManifest } from '../format/read-manifest.ts';
import { rowsIn, totalRows } from '../format/rows-by-table.ts';
import { holdOf, liftHold } from '../local/hold.ts';
import { withScratch } from '../local/scratch.ts';
import type { ReadableStore } from '../stores/store.ts';
import { nameMeant, type Opened, openBackup } from './catalog.ts';
import { settleMark } from './development/mark.ts';
import { noteOwnMark } from './development/own-mark.ts';
import { documentText } from './document-text.ts';
import { replacedMustLookFamiliar } from './familiar.ts';
import { lockDatabase } from './lock-database.ts';
import { withNewest } from './newest.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { type MayReplace, putInPlace } from './put-in-place.ts';
import { readSlices } from './read-parts.ts';
import type { RestoreResult } from './restore.ts';
import { selecting } from './secrets.ts';
import { type Trial, tryBackup } from './trial.ts';
import { unseal } from './unseal.ts';

/**
 * One self-contained JSON document: of the live database, or of a backup if one is named. It holds every row inline, so it
 * is made in memory; it is for carrying data elsewhere, not for keeping.
 */
export async function exportDocument(project: Project, name: string | undefined): Promise<string> {
  if (name === undefined) return exportLive(project);
  const write = async (opened: Opened) => {
    const { manifest, store } = await unseal(project.encryption, project.store, opened);
    const data = new Map<string, TableData>();
    for (const [table, stored] of manifest.data) {
      data.set(table, { rows: await linesOf(readSlices(store, stored)) });
    }
    // Of rows alone: files are no text.
    const { files: _, ...content } = manifest;
    const { files: __, file_bytes: ___, ...metadata } = manifest.metadata;
    return documentOf({ ...content, data }, metadata);
  };
  if (name === 'latest') return withNewest(project.store, write);
  return write(await openBackup(project.store, await nameMeant(project.store, name)));
}

function exportLive(project: Project): Promise<string> {
  return withScratch(project.local, 'export', (folder) => readLive(project, folder));
}

async function readLive(project: Project, scratch: string): Promise<string> {
  const { id } = project.database;
  await settleMark(project);
  // Also what was marked while it was read, or is no more: nobody knows which of the two was read.
  const before = holdOf(project.local, id)?.madeFor;
  const reading = await project.database.read(scratch, selecting(project));
  try {
    noteOwnMark(project.local, id, reading.ownMark);
    const madeFor: MadeFor | undefined = holdOf(project.local, id)?.madeFor ?? before;
    const data = new Map<string, TableData>();
    let bytes = 0;
    for (const table of reading.tables) {
      const chunks: Uint8Array[] = [];
      for await (const slice of table.slices()) {
        chunks.push(...slice.chunks);
        bytes += slice.bytes;
      }
      data.set(table.name, { rows: lines(Buffer.concat(chunks)) });
    }
    const content = { schema: reading.schema, settings: reading.settings, data };
    const counts = rowsIn(project.database.codec, content);
    return documentOf(content, {
      format: FORMAT,
      backup_date: project.now().toISOString(),
      version: '1.0',
      database_type: project.database.codec.databaseType,
      origin: { environment: project.environment, trigger: 'export' },
      tables: counts.size,
      rows: totalRows(counts),
      bytes,
      ...(madeFor === undefined ? {} : { made_for: madeFor }),
      ...reading.leftOut,
    });
  } finally {
    await reading.close();
  }
}

function documentOf(content: Content, metadata: Omit<Manifest['metadata'], 'content'>): string {
  return writeManifest({ ...content, metadata: { ...metadata, content: contentDigest(content) } }).text;
}

const lines = (bytes: Buffer) => (bytes.length === 0 ? [] : bytes.toString('utf8').trimEnd().split('\n'));

async function linesOf(slices: AsyncIterable<Uint8Array>): Promise<string[]> {
  const all: string[] = [];
  for await (const slice of slices) all.push(...lines(Buffer.from(slice)));
  return all;
}

export interface Importing {
  /** Even over the rows of a database that looks like another than the one that was written down. */
  readonly overAnother?: boolean;
  readonly onProgress?: OnProgress;
}

const mayReplaceWith =
  (project: Project, file: string, { overAnother = false }: Importing): MayReplace =>
  async (manifest) => {
    if (overAnother) return;
    const refusal = (db: string, strange: number) => documentOverAnother(db, file, strange)();
    await replacedMustLookFamiliar(project, manifest, project.store, refusal);
  };

/**
 * Restores from a document: one of ours replaces the database, as `restore` does; one of an older tool has no schema, so its rows
 * go into the tables there are, or into simple ones made for them. Throws IMPORT_UNREADABLE and what `restore` throws.
 */
export async function importDocument(
  project: Project,
  file: string,
  source: Uint8Array,
  options: Importing = {},
): Promise<RestoreResult> {
  const { manifest, own } = readDocument(project, file, await documentText(project, file, source));
  return lockDatabase(project, project.database, project.wait, async () => {
    const opened = { name: file, manifest, digest: contentDigest(manifest) };
    const placed = await putInPlace(project, opened, NO_PARTS, project.database, {
      how: own ? 'replace' : 'add',
      mayReplace: mayReplaceWith(project, file, options),
      onProgress: options.onProgress ?? silent,
      // Rows that are only added leave fakes where they are.
      mark: own ? (manifest.metadata.made_for ?? 'data') : 'as it is',
    });
    // Whoever imports says what the data is, as whoever restores does.
    if (holdOf(project.local, project.database.id)?.madeFor === undefined) liftHold(project.local, project.database.id);
    const { backup_date: date, origin } = manifest.metadata;
    return { name: file, date, environment: origin.environment, db: project.database.label, skipped: [], ...placed };
  });
}

/** What importing a document would do. Throws what `importDocument` throws. */
export async function tryDocument(
  project: Project,
  file: string,
  source: Uint8Array,
  rowsToShow: number,
  options: Importing = {},
): Promise<Trial> {
  const { manifest, own } = readDocument(project, file, await documentText(project, file, source));
  const opened = { name: file, manifest, digest: contentDigest(manifest) };
  const { database } = project;
  return tryBackup(project, {
    opened,
    store: NO_PARTS,
    database,
    how: own ? 'replace' : 'add',
    mayReplace: mayReplaceWith(project, file, options),
    rowsToShow,
    onProgress: options.onProgress ?? silent,
  });
}

function readDocument(project: Project, file: string, source: string): { manifest: Manifest; own: boolean } {
  try {
    const members = membersOf(source);
    if (members.has('encryption')) throw importUnreadable(file, 'it is a part of an encrypted backup')();
    if (members.has('schema') && members.has('digest')) {
      const { manifest } = readManifest(file, source);
      if (partsOf(manifest).length > 0) throw importUnreadable(file, 'its rows are in other files')();
      return { manifest, own: true };
    }
    const { codec } = project.database;
    const manifest = codec.readForeign?.(source, project.environment);
    if (manifest === undefined)
      throw importUnreadable(file, `it is no backup of ${article(codec.name)} ${codec.name} database`)();
    if (manifest.data.size === 0) throw importUnreadable(file, 'it holds no table of rows')();
    return { manifest, own: false };
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw importUnreadable(file, reasonOf(error))(error);
    throw error;
  }
}

/** A document has every row in itself. */
const NO_PARTS: ReadableStore = {
  label: 'the document',
  id: 'the document',
  list: async () => new Map(),
  read: async () => undefined,
};
