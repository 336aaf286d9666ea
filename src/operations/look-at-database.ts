import type { DatabaseFacts } from '../core/chain/facts.ts';
import { emptiness } from '../core/decide.ts';
import type { Manifest } from '../core/manifest.ts';
import type { LeftOut } from '../core/privacy/left-out.ts';
import { totalRows } from '../format/rows-by-table.ts';
import { countsWithoutLook } from './compare-newest.ts';
import { troubleOf } from './newest-files.ts';
import type { Project } from './project.ts';
import { selecting } from './secrets.ts';

/** What is in the database, as far as can be seen. */
export interface DatabaseLook {
  readonly isThere: boolean;
  readonly facts: DatabaseFacts;
  readonly counts: ReadonlyMap<string, number> | undefined;
  readonly bytes: number | undefined;
  readonly modified: string | undefined;
  readonly leftOut: LeftOut | undefined;
}

/** `newest` is the newest backup, where it can be opened. Troubles are answers. */
export async function lookAtDatabase(project: Project, newest: Manifest | undefined): Promise<DatabaseLook> {
  const file = project.database.file?.seen();
  const seen = { bytes: file?.bytes, modified: file?.modified.toISOString() };
  try {
    const state = await project.database.state(project.ignoreTables);
    const empty = emptiness(state);
    const hasTables = empty === undefined || state.kind === 'no-rows';
    const known = newest && (await countsWithoutLook(project, newest));
    const none = state.kind === 'missing' ? undefined : new Map<string, number>();
    const counts = hasTables ? (known ?? (await project.database.counts())) : none;
    const { leftOut, cannotBeSaved } = await lookAtPrivacy(project, hasTables);
    const facts: DatabaseFacts =
      empty === undefined
        ? { kind: 'rows', rows: counts === undefined ? 0 : totalRows(counts), cannotBeSaved }
        : { kind: 'empty', why: empty, cannotBeSaved };
    return { facts, isThere: state.kind !== 'missing', counts, leftOut, ...seen };
  } catch (error) {
    const facts: DatabaseFacts = { kind: 'unreadable', trouble: troubleOf(error) };
    return { facts, isThere: true, counts: undefined, leftOut: undefined, ...seen };
  }
}

/** A configuration that cannot be carried out keeps every backup from being written. */
async function lookAtPrivacy(project: Project, hasTables: boolean) {
  if (!hasTables) return { leftOut: undefined, cannotBeSaved: undefined };
  try {
    return { leftOut: selecting(project)((await project.database.describe()).shapes), cannotBeSaved: undefined };
  } catch (error) {
    return { leftOut: undefined, cannotBeSaved: troubleOf(error, 'No backup can be written: ') };
  }
}
