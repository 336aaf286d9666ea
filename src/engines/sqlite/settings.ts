import { type Fields, oneOf, within } from '../../core/fields.ts';

/** What lives in the header of the file. */
export type SqliteSettings = {
  readonly user_version: number;
  readonly application_id: number;
  readonly encoding: 'UTF-8' | 'UTF-16le' | 'UTF-16be';
  readonly page_size: number;
  readonly auto_vacuum: number;
  readonly journal_mode: 'wal' | 'delete';
};

const LEAST_INT32 = -(2 ** 31);
const MOST_INT32 = 2 ** 31 - 1;

/** Throws JsonSyntaxError for what no header holds. */
export function settingsIn(fields: Fields): SqliteSettings {
  return {
    user_version: within(fields, 'user_version', LEAST_INT32, MOST_INT32),
    application_id: within(fields, 'application_id', LEAST_INT32, MOST_INT32),
    encoding: oneOf(fields, 'encoding', ['UTF-8', 'UTF-16le', 'UTF-16be']),
    page_size: within(fields, 'page_size', 512, 65536),
    auto_vacuum: within(fields, 'auto_vacuum', 0, 2),
    journal_mode: oneOf(fields, 'journal_mode', ['wal', 'delete']),
  };
}
