import { storeInvalid } from '../../core/problems/stores.ts';
import { everyOf } from '../every.ts';

/** Which spreadsheet shows which tables. */
export interface SheetsAddress {
  readonly spreadsheet: string;
  readonly tables: readonly string[];
  /** The shortest time from one time to the next, in milliseconds. */
  readonly every: number;
}

export const SHEETS_EXAMPLE = "'sheets:SPREADSHEET-ID?tables=events'";

const fault = (what: string) => storeInvalid('sheets', what, SHEETS_EXAMPLE)();

/** Reads what stands behind `sheets:`. Throws CONFIG_INVALID, and repeats nothing of it: a key may stand there by mistake. */
export function readSheetsAddress(rest: string): SheetsAddress {
  const [, spreadsheet = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(rest) ?? [];
  if (!/^[\w-]{10,100}$/.test(spreadsheet))
    throw fault("names no spreadsheet: its id stands between '/d/' and '/edit' in the address that the browser shows");
  const settings = new URLSearchParams(query);
  for (const name of new Set(settings.keys())) {
    if (!['tables', 'every'].includes(name)) throw fault('has a setting that is neither tables nor every');
    if (settings.getAll(name).length > 1) throw fault(`says '${name}' twice`);
  }
  const tables = (settings.get('tables') ?? '').split(',').map((each) => each.trim());
  if (tables.includes(''))
    throw fault('names no tables: whoever sees the spreadsheet sees their rows, so none is shown without being named');
  const every = everyOf(settings.get('every') ?? '1h');
  if (every === undefined) throw fault("has an 'every' that is no time like 1h, 7d or 2w");
  return { spreadsheet, tables: [...new Set(tables)], every };
}
