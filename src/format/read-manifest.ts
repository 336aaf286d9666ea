import type { Digest } from '../core/digest.ts';
import { OverwinterError } from '../core/errors.ts';
import { count, fieldsOf, oneOf, text, within } from '../core/fields.ts';
import { compact, elementsOf, JsonSyntaxError, membersOf } from '../core/json.ts';
import {
  FORMAT,
  LARGEST_PART_FILE,
  type Manifest,
  MOST_DEFINITIONS,
  type Part,
  type SchemaObject,
  type TableData,
} from '../core/manifest.ts';
import { isPartFile } from '../core/names.ts';
import { unknownTableIn } from '../core/privacy/left-out.ts';
import { backupDamaged, backupTooNew } from '../core/problems/backups.ts';
import { readMemory } from '../core/table-memory.ts';
import { contentDigest, writeManifest } from '../core/write-manifest.ts';
import type { ContentCodec } from '../engines/codec.ts';
import { codecFor } from './codec-for.ts';
import { readMetadata } from './read-metadata.ts';
import { mustCountFiles, readSavedFiles } from './read-saved-files.ts';
import { rowsIn, totalRows } from './rows-by-table.ts';

const damaged = (file: string, what: string): never => {
  throw backupDamaged(file, what)();
};

function readSchema({ kinds }: ContentCodec, raw: string | undefined): SchemaObject[] {
  const definitions = elementsOf(raw ?? '');
  if (definitions.length > MOST_DEFINITIONS) throw new JsonSyntaxError(`${definitions.length} definitions`);
  return definitions.map((each) => {
    const fields = fieldsOf(each, 'definition');
    return {
      type: oneOf(fields, 'type', kinds),
      name: text(fields, 'name'),
      table: text(fields, 'table'),
      sql: text(fields, 'sql'),
    };
  });
}

/** A part as a writer writes it. A large table has thousands, and taking each apart member by member was most of the time of reading a manifest. */
const WRITTEN_PART = /^\{"file":"([^"\\]+)","rows":(0|[1-9]\d{0,14}),"bytes":([1-9]\d{0,8})\}$/;

function readPart(raw: string): Part {
  const [, file, rows, bytes] = WRITTEN_PART.exec(raw) ?? [];
  const isAsWritten = file !== undefined && isPartFile(file) && Number(bytes) <= LARGEST_PART_FILE;
  return isAsWritten ? { file, rows: Number(rows), bytes: Number(bytes) } : readAnyPart(raw);
}

/** Any other, to say what is wrong with it. */
function readAnyPart(raw: string): Part {
  const fields = fieldsOf(raw, 'part');
  const part = {
    file: text(fields, 'file'),
    rows: count(fields, 'rows'),
    bytes: within(fields, 'bytes', 1, LARGEST_PART_FILE),
    ...(fields.sealed === undefined ? {} : { sealed: count(fields, 'sealed') }),
  };
  if (!isPartFile(part.file)) throw new JsonSyntaxError(`'${part.file}' as the path of a part`);
  return part;
}

/** A row is put together in memory. */
const LONGEST_ROW = 2 ** 31;

function readTable(name: string, raw: string): TableData {
  if (raw.startsWith('[')) return { rows: elementsOf(raw).map(compact) };
  const members = membersOf(raw);
  const total = Number(members.get('rows'));
  const parts = elementsOf(members.get('parts') ?? '').map(readPart);
  if (parts.reduce((sum, part) => sum + part.rows, 0) !== total) {
    throw new JsonSyntaxError(`counts that disagree for ${JSON.stringify(name)}`);
  }
  if (parts.at(-1)?.rows === 0) throw new JsonSyntaxError(`a row without an end in ${JSON.stringify(name)}`);
  let begun = 0;
  for (const part of parts) {
    begun += part.bytes;
    if (begun > LONGEST_ROW)
      throw new JsonSyntaxError(`a row of more than ${LONGEST_ROW} bytes in ${JSON.stringify(name)}`);
    if (part.rows > 0) begun = 0;
  }
  return { count: total, parts };
}

/** The user's own tables and rows must be as many as the metadata says: decisions are made by those numbers alone. */
function mustCountRight(codec: ContentCodec, manifest: Manifest): void {
  const { tables, rows } = manifest.metadata;
  const counts = rowsIn(codec, manifest);
  if (tables !== counts.size)
    throw new JsonSyntaxError(`counts that disagree: ${tables} tables, and data for ${counts.size}`);
  const there = totalRows(counts);
  if (rows !== there) throw new JsonSyntaxError(`counts that disagree: ${rows} rows, and data for ${there}`);
}

/** A restore brings what is left out from elsewhere, so it must be clear of which table that is. */
function mustLeaveOutItsOwn(codec: ContentCodec, { metadata, schema }: Manifest): void {
  const tables = new Set(schema.filter(({ type }) => type === 'table').map(({ name }) => name));
  const stranger = unknownTableIn(metadata, tables, codec.isInternal);
  if (stranger !== undefined) throw new JsonSyntaxError(`a word on ${JSON.stringify(stranger)} that cannot be`);
}

/**
 * Reads a manifest that claims nothing but to be one. Throws BACKUP_DAMAGED for anything that is not, to the byte, what a
 * writer wrote (white space apart), and BACKUP_TOO_NEW for a later format and for a
 * type of database that nothing here knows.
 */
export function readManifest(file: string, source: string): { manifest: Manifest; digest: Digest } {
  if (/^(<{7}|={7}|>{7})/m.test(source)) damaged(file, 'holds the marks of a merge conflict');
  try {
    const members = membersOf(source);
    const format = fieldsOf(members.get('metadata'), 'metadata').format;
    if (typeof format === 'number' && format > FORMAT) throw backupTooNew(file, format)();
    const metadata = readMetadata(members.get('metadata'));
    const codec = codecFor(file, metadata);
    const memory = readMemory(members.get('memory'));
    const files = readSavedFiles(members.get('files'));
    const manifest: Manifest = {
      metadata,
      schema: readSchema(codec, members.get('schema')),
      settings: codec.readSettings(fieldsOf(members.get('settings'), 'settings')),
      data: new Map([...membersOf(members.get('data') ?? '')].map(([name, raw]) => [name, readTable(name, raw)])),
      ...(files === undefined ? {} : { files }),
      ...(memory.size === 0 ? {} : { memory }),
    };
    const { digest } = writeManifest(manifest);
    if (members.get('digest') !== `"${digest}"`) damaged(file, 'is not what was written: its digest disagrees');
    if (contentDigest(manifest) !== manifest.metadata.content) damaged(file, 'has a content digest that disagrees');
    mustCountRight(codec, manifest);
    mustCountFiles(manifest);
    mustLeaveOutItsOwn(codec, manifest);
    return { manifest, digest };
  } catch (error) {
    if (error instanceof OverwinterError) throw error;
    throw backupDamaged(file, `is not a whole manifest (${error instanceof Error ? error.message : error})`)(error);
  }
}
