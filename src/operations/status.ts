import { statSync } from 'node:fs';
import { adviceOnAge, adviceOnHost } from '../core/advice.ts';
import { emptiness, type Light, lightOf, type Reason } from '../core/decide.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import type { Metadata } from '../core/manifest.ts';
import { type LeftOut, leftOutOf } from '../core/privacy/left-out.ts';
import { held } from '../core/problems/loss.ts';
import { type Hold, holdOf } from '../local/hold.ts';
import { foresee } from './auto-restore.ts';
import { type Catalog, checkPointer, mustHaveParts, openBackup, readCatalog, type Skipped } from './catalog.ts';
import { mustBeOurs } from './ours.ts';
import type { Project } from './project.ts';
import { selecting } from './secrets.ts';
import { unseal } from './unseal.ts';

export interface Status {
  readonly light: Light;
  readonly reasons: readonly Reason[];
  readonly database: {
    readonly path: string;
    readonly bytes: number | undefined;
    readonly modified: string | undefined;
    readonly tables: number | undefined;
    readonly rows: number | undefined;
  };
  readonly environment: string;
  readonly host: Project['runsOn'];
  readonly newest: { readonly name: string; readonly metadata: Metadata; readonly ageSeconds: number } | undefined;
  readonly backups: number;
  /** What backups leave out of the database as it is now, or, where there is none, of the newest one. */
  readonly leftOut: LeftOut;
  readonly unreadable: readonly Skipped[];
  /** What keeps backups from being written, where a restore failed. */
  readonly hold: Hold | undefined;
  /** What a start of the app would do now, in words that follow "would". */
  readonly boot: string;
}

/** Says how safe the data is and why, changing nothing. Troubles are answers here, not errors. */
export async function status(project: Project): Promise<Status> {
  const { catalog, troubles, leftOut } = await lookAtStore(project);
  const database = await lookAtDatabase(project, catalog.entries.length > 0);
  const hold = holdOf(project.local, project.database.id);
  const [first] = catalog.entries;
  const newest = first && { ...first, ageSeconds: secondsSince(first.metadata.backup_date, project.now()) };
  const writtenSince =
    newest !== undefined && Date.parse(database.modified ?? '') > Date.parse(newest.metadata.backup_date);
  const privacy = await lookAtPrivacy(project, database.counts !== undefined);
  const advice = newest && adviceOnAge(newest.ageSeconds, writtenSince);
  const reasons = [
    ...(hold === undefined ? [] : [reasonFrom(held(project.database.label, hold.time, hold.reason)())]),
    ...troubles,
    ...database.reasons,
    ...privacy.reasons,
    ...hostReasons(project),
    ...(advice === undefined ? [] : [advice]),
  ];
  return {
    light: lightOf(reasons),
    reasons,
    database: {
      path: project.database.label,
      bytes: database.bytes,
      modified: database.modified,
      tables: database.counts?.size,
      rows: database.counts && sum(database.counts),
    },
    environment: project.environment,
    host: project.runsOn,
    newest,
    backups: catalog.entries.length,
    leftOut: leftOutOf(privacy.leftOut ?? leftOut),
    unreadable: catalog.unreadable,
    hold,
    boot: await foresee(project),
  };
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, rows) => total + rows, 0);

const secondsSince = (date: string, now: Date) => Math.max(0, Math.round((now.getTime() - Date.parse(date)) / 1000));

/** What an error says, as a reason. */
function reasonFrom(error: unknown, before = ''): Reason {
  const hint = error instanceof OverwinterError ? error.hint : "This comes from the system; '--debug' shows more.";
  return { light: 'red', text: `${before}${reasonOf(error)}`, ...(hint === '' ? {} : { hint }) };
}

interface Look {
  readonly reasons: Reason[];
  readonly counts: Map<string, number> | undefined;
  readonly bytes: number | undefined;
  readonly modified: string | undefined;
}

async function lookAtDatabase(project: Project, hasBackups: boolean): Promise<Look> {
  const path = project.database.file?.path ?? '';
  const file = statSync(path, { throwIfNoEntry: false });
  // In WAL mode what was written last is beside the file.
  const wal = statSync(`${path}-wal`, { throwIfNoEntry: false });
  const times = [file, wal].flatMap((stat) => (stat === undefined || stat.size === 0 ? [] : [stat.mtimeMs]));
  const seen = {
    bytes: file?.size,
    modified: file === undefined ? undefined : new Date(Math.max(file.mtimeMs, ...times)).toISOString(),
  };
  try {
    const state = await project.database.state(project.ignoreTables);
    const empty = emptiness(state);
    const hasTables = empty === undefined || state.kind === 'no-rows';
    const counts = hasTables ? await project.database.counts() : undefined;
    if (empty === undefined) return { reasons: [], counts, ...seen };
    const hint = hasBackups
      ? "The next start of the app restores it, or do so now: 'overwinter restore latest'."
      : "Once it holds data, 'overwinter backup' saves it.";
    return { reasons: [{ light: 'yellow', text: `${empty.replace(/^t/, 'T')}.`, hint }], counts, ...seen };
  } catch (error) {
    return { reasons: [reasonFrom(error)], counts: undefined, ...seen };
  }
}

/** A configuration that cannot be carried out keeps every backup from being written. */
async function lookAtPrivacy(
  project: Project,
  hasTables: boolean,
): Promise<{ leftOut: LeftOut | undefined; reasons: Reason[] }> {
  if (!hasTables) return { leftOut: undefined, reasons: [] };
  try {
    return { leftOut: selecting(project)((await project.database.describe()).shapes), reasons: [] };
  } catch (error) {
    return { leftOut: undefined, reasons: [reasonFrom(error, 'No backup can be written: ')] };
  }
}

function hostReasons({ runsOn }: Project): Reason[] {
  return runsOn?.forgets === true ? [adviceOnHost(runsOn.name)] : [];
}

interface StoreLook {
  readonly catalog: Catalog;
  readonly troubles: Reason[];
  /** What the newest backup is without, as far as it can be opened here. */
  readonly leftOut: LeftOut;
}

async function lookAtStore(project: Project): Promise<StoreLook> {
  try {
    const catalog = await readCatalog(project.store);
    return { catalog, ...(await lookAtBackups(project, catalog)) };
  } catch (error) {
    const none: Catalog = { entries: [], unreadable: [] };
    return { catalog: none, troubles: [reasonFrom(error, 'The backups cannot be looked at: ')], leftOut: {} };
  }
}

async function lookAtBackups(project: Project, catalog: Catalog): Promise<Omit<StoreLook, 'catalog'>> {
  const reasons: Reason[] = catalog.unreadable.map(({ reason }) => ({
    light: 'yellow',
    text: reason,
    hint: "'git checkout -- backups' brings back what was committed.",
  }));
  const [newest] = catalog.entries;
  try {
    mustBeOurs(project, project.store.label, catalog.entries);
  } catch (error) {
    return { troubles: [...reasons, reasonFrom(error)], leftOut: {} };
  }
  if (newest === undefined) {
    const light = catalog.unreadable.length > 0 ? 'red' : 'yellow';
    reasons.push({ light, text: 'There is no backup yet.', hint: "Make the first one with 'overwinter backup'." });
    return { troubles: reasons, leftOut: {} };
  }
  const { problem } = await checkPointer(project.store, catalog);
  if (problem !== undefined) {
    const hint = "Nothing is lost: the newest backup is found without it. 'overwinter backup' sets it right.";
    reasons.push({ light: 'yellow', text: `${problem.replace(/^t/, 'T')}.`, hint });
  }
  let leftOut: LeftOut = newest.metadata;
  try {
    const opened = await openBackup(project.store, newest.name);
    await mustHaveParts(project.store, opened);
    leftOut = (await unseal(project.encryption, project.store, opened)).manifest.metadata;
    reasons.push({ light: 'green', text: `The newest backup, ${newest.name}, is ready to be restored.` });
  } catch (error) {
    const reason = reasonFrom(error, 'The newest backup cannot be restored: ');
    // It is whole, and somebody has the key.
    const shut = error instanceof OverwinterError && error.code === 'WRONG_KEY';
    reasons.push(
      shut
        ? { ...reason, light: 'yellow', text: `The newest backup cannot be restored here: ${reasonOf(error)}` }
        : reason,
    );
  }
  return { troubles: reasons, leftOut };
}
