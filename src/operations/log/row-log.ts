import { keyOf } from '../../core/diff.ts';
import type { OverwinterError } from '../../core/errors.ts';
import { keyOfOtherLength } from '../../core/problems/usage.ts';
import { formsOf } from '../../core/row-key.ts';
import { marksOf } from '../../core/slices.ts';
import { count } from '../../core/words.ts';
import type { InRepository } from '../../stores/git/committed-store.ts';
import type { Skipped } from '../catalog.ts';
import type { Project } from '../project.ts';
import { rowFinder, type Seeking } from './find-row.ts';
import { neighbours } from './neighbours.ts';
import { type TableKey, tableReader } from './table-in-time.ts';
import { type Version, withTimeline } from './timeline.ts';

/** What became of a row between a backup and the one before it. */
export interface RowEvent {
  readonly version: Version;
  readonly change: 'added' | 'changed' | 'removed';
  /** As lines. */
  readonly before?: string;
  readonly after?: string;
}

export interface Log<Event> {
  /** Newest first. */
  readonly events: readonly Event[];
  /** How many backups were looked into. */
  readonly backups: number;
  readonly skipped: readonly Skipped[];
  readonly shallow: boolean;
}

/**
 * The life of one row, by the words that its key is made of. Throws USAGE for a table that never was and a key of another length, WRONG_KEY
 * and BACKUP_DAMAGED where no backup can be read.
 */
export function rowLog(
  project: Project,
  place: InRepository | undefined,
  table: string,
  words: readonly string[],
  most: number,
): Promise<Log<RowEvent>> {
  return withTimeline(project, place, async ({ versions, skipped, shallow }) => {
    const reader = tableReader(project, table);
    const find = rowFinder();
    const { ownNumber } = project.database.codec;
    const passed: Skipped[] = [];
    let isFit = false;
    let asked: TableKey | undefined;
    const rowsOf = async (version: Version): Promise<ReadonlyMap<string, string>> => {
      const state = await reader.stateOf(version);
      if (state.definition === undefined) return new Map();
      const tableKey = await reader.tableKeyOf(state.definition, state.content);
      const key = keyColumns(tableKey);
      asked ??= tableKey;
      // What told rows apart once by another key says nothing of this one.
      if (key.length !== words.length) return new Map();
      isFit = true;
      const data = state.content.data.get(state.definition.name) ?? { rows: [] };
      const lines = await find(state.store, data, seekingFor(words, key, tableKey));
      return new Map(lines.map((line) => [keyOf(line, tableKey.key, ownNumber), withoutNumber(line, tableKey)]));
    };
    const events: RowEvent[] = [];
    let backups = 0;
    for await (const { version, before, after } of neighbours(versions, rowsOf, (each) => passed.push(each))) {
      backups++;
      events.push(...eventsOf(version, before ?? new Map(), after));
      if (events.length >= most) break;
    }
    if (versions.length > 0) reader.mustBeKnown();
    if (asked !== undefined && !isFit) throw wrongKey(table, keyColumns(asked), words.length);
    return { events: events.slice(0, most), backups, skipped: [...skipped, ...passed], shallow };
  });
}

function wrongKey(table: string, key: readonly string[], given: number): OverwinterError {
  const words = key.map((name) => name.toUpperCase().replace(/[^A-Z0-9]+/g, '_'));
  return keyOfOtherLength(
    table,
    key.length === 0 ? 'nothing that could be given' : key.join(' and '),
    `${count(given, 'word')} ${given === 1 ? 'was' : 'were'}`,
    words,
  )();
}

/** Without a declared key a row's own number tells it. */
function keyColumns({ key, slicedBy }: TableKey): readonly string[] {
  return key.length > 0 || slicedBy === undefined ? key : [slicedBy];
}

/** The number of a row that has a key is none of its columns, and may be another after a VACUUM. */
function withoutNumber(line: string, { key, slicedBy }: TableKey): string {
  const number = `{${JSON.stringify(slicedBy)}:`;
  if (slicedBy === undefined || key.length === 0 || key.includes(slicedBy) || !line.startsWith(number)) return line;
  return `{${line.slice(number.length).replace(/^-?\d+,?/, '')}`;
}

function seekingFor(words: readonly string[], key: readonly string[], { slicedBy }: TableKey): Seeking {
  const forms = words.map(formsOf);
  const sought = new Map(key.map((column, at) => [column, forms[at] ?? []]));
  const [word = '', ...others] = words;
  const isNumber = key[0] === slicedBy && others.length === 0;
  return {
    sought,
    marks: isNumber && /^-?\d{1,19}$/.test(word) ? marksOf(BigInt(word)) : undefined,
    isOne: isNumber || forms.every(({ length }) => length === 1),
  };
}

function eventsOf(
  version: Version,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): RowEvent[] {
  const events: RowEvent[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    if (was === is) continue;
    const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
    events.push({
      version,
      change,
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    });
  }
  return events;
}
