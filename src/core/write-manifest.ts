import { type Digest, sha256 } from './digest.ts';
import type { Content, Manifest, Metadata, Part, TableData } from './manifest.ts';
import { leftOutOf } from './privacy/left-out.ts';
import { type SavedFiles, withFileParts } from './saved-files.ts';
import { type Memory, memoryLines, NO_MEMORY } from './table-memory.ts';

const list = (items: readonly string[], indent: string, close: string) =>
  items.length === 0 ? `[${close}` : `[\n${items.map((item) => indent + item).join(',\n')}\n${indent.slice(2)}${close}`;

function tableText(table: TableData): string {
  if ('rows' in table) return list(table.rows, '      ', ']');
  const parts = table.parts.map(({ file, rows, bytes, sealed }) => JSON.stringify({ file, rows, bytes, sealed }));
  return `{"rows":${table.count},"parts":${list(parts, '      ', ']}')}`;
}

export function savedFilesText(files: SavedFiles): string {
  const named = files.folders.map((folder) => {
    const { name, files: count, bytes } = folder;
    return JSON.stringify({ name, files: count, bytes });
  });
  const slices = files.list.map(({ part: { file, rows, bytes, sealed }, pieces }) => {
    const head = JSON.stringify({ file, files: rows, bytes, sealed });
    if (pieces.length === 0) return head;
    const lines = pieces.map((piece) => JSON.stringify({ file: piece.file, bytes: piece.bytes, sealed: piece.sealed }));
    return `${head.slice(0, -1)},"pieces":${list(lines, '        ', ']}')}`;
  });
  return `{\n    "folders": ${list(named, '      ', ']')},\n    "list": ${list(slices, '      ', ']')}\n  }`;
}

function contentText(content: Content): string {
  const schema = content.schema.map(({ type, name, table, sql }) => JSON.stringify({ type, name, table, sql }));
  const data = [...content.data].map(([name, table]) => `    ${JSON.stringify(name)}: ${tableText(table)}`);
  const dataText = data.length === 0 ? '{}' : `{\n${data.join(',\n')}\n  }`;
  const files = content.files === undefined ? '' : `,\n  "files": ${savedFilesText(content.files)}`;
  return `  "schema": ${list(schema, '    ', ']')},\n  "settings": ${JSON.stringify(content.settings)},\n  "data": ${dataText}${files}`;
}

/** The same whether the parts are kept encrypted or not. */
export function contentDigest(content: Content): Digest {
  const data = new Map([...content.data].map(([name, table]) => [name, bare(table)]));
  const files = content.files && withFileParts(content.files, barePart);
  return sha256(contentText({ ...content, data, ...(files === undefined ? {} : { files }) }));
}

const barePart = ({ file, rows, bytes }: Part): Part => ({ file, rows, bytes });

function bare(table: TableData): TableData {
  if ('rows' in table) return table;
  return { count: table.count, parts: table.parts.map(barePart) };
}

export function metadataText(metadata: Metadata): string {
  const { format, backup_date, version, database_type, database_name, database, origin, content } = metadata;
  const { tables, rows, bytes, files, file_bytes, made_for } = metadata;
  const { environment, trigger, commit, host } = origin;
  const fields = {
    format,
    backup_date,
    version,
    database_type,
    database_name,
    database,
    origin: { environment, trigger, commit, host },
    content,
    tables,
    rows,
    bytes,
    files,
    file_bytes,
    made_for: made_for && { environment: made_for.environment, backup: made_for.backup },
    ...leftOutOf(metadata),
  };
  return `  "metadata": ${JSON.stringify(fields, null, 2).replaceAll('\n', '\n  ')}`;
}

function memoryText(memory: Memory = NO_MEMORY): string {
  const lines = memoryLines(memory).map((line) => `    ${line}`);
  return lines.length === 0 ? '' : `,\n  "memory": {\n${lines.join(',\n')}\n  }`;
}

/** The canonical text of a manifest and its digest. */
export function writeManifest(manifest: Manifest): { text: string; digest: Digest } {
  const body = `{\n${metadataText(manifest.metadata)},\n${contentText(manifest)}${memoryText(manifest.memory)}`;
  const digest = sha256(body);
  return { text: `${body},\n  "digest": "${digest}"\n}\n`, digest };
}
