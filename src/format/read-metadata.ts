import { count, type Fields, fieldsOf, line } from '../core/fields.ts';
import { JsonSyntaxError } from '../core/json.ts';
import type { MadeFor, Metadata, Origin } from '../core/manifest.ts';
import { type LeftOut, leftOutOf } from '../core/privacy/left-out.ts';

const KEYED = 'hmac-sha256:';

function readOrigin(fields: Fields): Origin {
  const raw = fields.origin;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new JsonSyntaxError('no origin');
  const origin: Fields = { ...raw };
  return {
    environment: line(origin, 'environment'),
    trigger: line(origin, 'trigger'),
    ...(origin.commit === undefined ? {} : { commit: line(origin, 'commit') }),
    ...(origin.host === undefined ? {} : { host: line(origin, 'host') }),
  };
}

/** As a writer writes it, and early enough that a later one can be written too. */
function isDate(date: string): boolean {
  return /^[0-8]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(date) && !Number.isNaN(Date.parse(date));
}

export function readMetadata(raw: string | undefined): Metadata {
  const fields = fieldsOf(raw, 'metadata');
  const content = line(fields, 'content');
  const date = line(fields, 'backup_date');
  if (!isDate(date)) throw new JsonSyntaxError('no date in backup_date');
  return {
    format: count(fields, 'format'),
    backup_date: date,
    version: line(fields, 'version'),
    database_type: line(fields, 'database_type'),
    ...(fields.database_name === undefined ? {} : { database_name: line(fields, 'database_name') }),
    ...(fields.database === undefined ? {} : { database: line(fields, 'database') }),
    origin: readOrigin(fields),
    content: content.startsWith(KEYED)
      ? `${KEYED}${content.slice(KEYED.length)}`
      : `sha256:${content.replace(/^sha256:/, '')}`,
    tables: count(fields, 'tables'),
    rows: count(fields, 'rows'),
    bytes: count(fields, 'bytes'),
    ...(fields.files === undefined ? {} : { files: count(fields, 'files') }),
    ...(fields.file_bytes === undefined ? {} : { file_bytes: count(fields, 'file_bytes') }),
    ...(fields.made_for === undefined ? {} : { made_for: readMadeFor(fields.made_for) }),
    ...readLeftOut(fields),
  };
}

function readMadeFor(raw: unknown): MadeFor {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new JsonSyntaxError('no made_for');
  const madeFor: Fields = { ...raw };
  return { environment: line(madeFor, 'environment'), backup: line(madeFor, 'backup') };
}

function readLeftOut(fields: Fields): LeftOut {
  return leftOutOf({
    redacted: byTable(fields, 'redacted', isListOfText),
    replaced: byTable(fields, 'replaced', isListOfText),
    included: byTable(fields, 'included', (value) => typeof value === 'string'),
    excluded: byTable(fields, 'excluded', (value) => value === 'rows' || value === 'whole'),
  });
}

const isListOfText = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

function byTable<T>(fields: Fields, key: string, is: (value: unknown) => value is T): Record<string, T> {
  const raw = fields[key] ?? {};
  if (typeof raw !== 'object' || Array.isArray(raw)) throw new JsonSyntaxError(`no tables in ${key}`);
  return Object.fromEntries(
    Object.entries(raw).map(([table, value]): [string, T] => {
      if (!is(value)) throw new JsonSyntaxError(`nothing known of ${JSON.stringify(table)} in ${key}`);
      return [table, value];
    }),
  );
}

/** Only the metadata, from a manifest's first bytes; undefined when they do not reach far enough or say nothing. */
export function peekMetadata(head: string): Metadata | undefined {
  const found = /^\s*\{\s*"metadata"\s*:\s*(\{.*?\n {2}\})/s.exec(head)?.[1];
  try {
    return found === undefined ? undefined : readMetadata(found);
  } catch {
    return undefined;
  }
}
