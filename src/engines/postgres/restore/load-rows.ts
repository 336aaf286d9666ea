import { createHash } from 'node:crypto';
import { reasonOf } from '../../../core/errors.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import { codeOf } from '../../../core/system-error.ts';
import type { SliceSource } from '../../engine.ts';
import type { Session } from '../driver.ts';
import { namedBy, qualified, quoted } from '../names.ts';
import { linesToCopy } from './lines-to-copy.ts';
import { piecesOf, type Surveyed } from './survey.ts';

export interface Place {
  /** What they are put into instead of the table itself, as SQL. */
  readonly into?: string;
  /** Whether it was made or emptied in the transaction that is open: then nobody ever saw it without its rows. */
  readonly isNew?: boolean;
}

/**
 * Puts the rows of a table in, by the names of their values. Returns a digest of what the server got, for a table that had no rows. Throws
 * RESTORE_INEXACT for what the table does not take.
 */
export async function loadRows(
  session: Session,
  table: string,
  { keys = [], rows: expected }: Surveyed,
  slices: SliceSource,
  onRows: (rows: number) => void,
  { into, isNew = false }: Place = {},
): Promise<string> {
  const hash = createHash('sha256');
  if (expected === 0) return hash.digest('hex');
  const lines = linesToCopy(table, keys);
  const copied = async function* () {
    let told = 0;
    for await (const piece of piecesOf(slices(table))) {
      const bytes = lines.convert(piece);
      hash.update(bytes);
      if (bytes.length > 0) yield bytes;
      onRows(lines.rows() - told);
      told = lines.rows();
    }
    lines.end();
  };
  try {
    await session.copyIn(`COPY ${placeOf(table, keys, into)} FROM STDIN${isNew ? ' (FREEZE)' : ''}`, copied());
  } catch (error) {
    throw isOfRows(error)
      ? restoreInexact(`with table '${table}'`, `${reasonOf(error)}${whereOf(error)}`)(error)
      : error;
  }
  if (lines.rows() !== expected)
    throw restoreInexact(`with table '${table}'`, `${lines.rows()} rows arrived of ${expected}`)();
  return hash.digest('hex');
}

/** The same of what the server gives back: rows lie as they came in where nothing else lies. */
export async function digestOfRows(session: Session, table: string, { keys = [] }: Surveyed): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of session.copyOut(`COPY ${placeOf(table, keys)} TO STDOUT`)) hash.update(bytes);
  return hash.digest('hex');
}

const placeOf = (table: string, keys: readonly string[], into = qualified(namedBy(table))) =>
  `${into}${keys.length === 0 ? '' : ` (${keys.map(quoted).join(', ')})`}`;

/** A value or a row that is none of the table's: neither the server's state nor somebody's lock. */
const isOfRows = (error: unknown) => /^(22|23|42703|42804|42P10)/.test(codeOf(error));

/** The server says in which line and column. */
const whereOf = (error: unknown) =>
  error instanceof Error && 'where' in error && typeof error.where === 'string'
    ? `, ${error.where.split('\n')[0]}`
    : '';
