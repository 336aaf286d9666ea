import { isHindrance } from '../../core/damage.ts';
import { manifestFile } from '../../core/names.ts';
import { type Brought, broughtBy } from '../../git/brought-by.ts';
import { drillsOf } from '../../local/drills.ts';
import { listSnapshots, type Snapshot } from '../../local/snapshots.ts';
import { type Entry, readCatalog, type Skipped } from '../../operations/catalog.ts';
import { placeInRepository } from '../../operations/in-git.ts';
import type { Project } from '../../operations/project.ts';
import { type Changed, whatChanged } from '../../operations/what-changed.ts';
import { type AuditEntry, lastEntries } from '../audit.ts';
import { keyTeller, type OpenedBackup, opened } from './opened.ts';

export const SHOWN = ['all', 'backups', 'losses', 'snapshots', 'activity'] as const;
export type Shown = (typeof SHOWN)[number];

export interface TimelineAsked {
  readonly show: Shown;
  readonly search: string;
  /** How many are passed over, and how many come. */
  readonly from: number;
  readonly limit: number;
}

/** A backup among the others, and what makes it one to go back to. */
export interface BackupMoment {
  readonly kind: 'backup';
  readonly date: string;
  readonly entry: Entry;
  /** The backup before it of the same environment, else of any. */
  readonly before: Entry | undefined;
  /** Since that; undefined where there is none, or where one of the two cannot be looked into. */
  readonly changed: Changed | undefined;
  readonly drilled: boolean | undefined;
  readonly brought: Brought | undefined;
}

/** What happened at some time. */
export type Moment =
  | BackupMoment
  | { readonly kind: 'snapshot'; readonly date: string; readonly snapshot: Snapshot }
  | { readonly kind: 'deed'; readonly date: string; readonly deed: AuditEntry };

export interface Timeline {
  /** Newest first. */
  readonly moments: readonly Moment[];
  /** How many there are with those that were not asked for. */
  readonly total: number;
  readonly backups: number;
  readonly conflicts: readonly Entry[];
  readonly unreadable: readonly Skipped[];
}

/** So many of the last deeds stand among backups. */
const DEEDS = 200;
/** What a page may read to say what changed, and what one of its backups may. */
const BYTES_A_PAGE = 8_000_000;
const BYTES_A_BACKUP = 2_000_000;

type Found = Omit<BackupMoment, 'changed' | 'drilled' | 'brought'> | Exclude<Moment, BackupMoment>;

/** Backups, snapshots and what somebody did, in one list by time. */
export async function timeline(project: Project, asked: TimelineAsked): Promise<Timeline> {
  const { entries, conflicts, unreadable } = await readCatalog(project.store);
  const all: Found[] = [
    ...entries.map((entry, at): Found => {
      const older = entries.slice(at + 1);
      const own = older.find(({ metadata }) => metadata.origin.environment === entry.metadata.origin.environment);
      return { kind: 'backup', date: entry.metadata.backup_date, entry, before: own ?? older[0] };
    }),
    ...listSnapshots(project.local, project.database.id).map(
      (snapshot): Found => ({ kind: 'snapshot', date: snapshot.date, snapshot }),
    ),
    ...withoutBeginnings(await lastEntries(project.local, DEEDS)).map(
      (deed): Found => ({ kind: 'deed', date: deed.time, deed }),
    ),
  ];
  const wanted = all
    .filter((each) => isShown(each, asked.show) && isFound(each, asked.search.toLowerCase()))
    .sort((a, b) => Date.parse(b.date) - Date.parse(a.date));
  const page = wanted.slice(asked.from, asked.from + asked.limit);
  return { moments: await told(project, page), total: wanted.length, backups: entries.length, conflicts, unreadable };
}

/** What a backup or a snapshot in the list says by itself, and looks that changed nothing. */
const SAID_ELSEWHERE = ['backup', 'snapshot', 'preview', 'diff', 'prune preview', 'import preview'];

function isShown(each: Found, show: Shown): boolean {
  switch (show) {
    case 'all':
      return each.kind !== 'deed' || each.deed.outcome !== 'done' || !SAID_ELSEWHERE.includes(each.deed.action);
    case 'backups':
      return each.kind === 'backup';
    case 'losses':
      return each.kind === 'backup' && each.entry.metadata.rows < (each.before?.metadata.rows ?? 0);
    case 'snapshots':
      return each.kind === 'snapshot';
    case 'activity':
      return each.kind === 'deed';
  }
}

function isFound(each: Found, search: string): boolean {
  return search === '' || wordsOf(each).some((word) => word?.toLowerCase().includes(search));
}

function wordsOf(each: Found): readonly (string | undefined)[] {
  if (each.kind === 'snapshot') return [each.snapshot.label];
  if (each.kind === 'deed') return [each.deed.who, each.deed.action, each.deed.about, each.deed.outcome];
  const { environment, trigger, commit, host } = each.entry.metadata.origin;
  return [each.entry.name, environment, trigger, commit, host];
}

/** Newest first: a beginning is only shown as long as nothing is known of the end. The log itself keeps both. */
function withoutBeginnings(entries: readonly AuditEntry[]): AuditEntry[] {
  const ended = new Map<string, number>();
  return entries.filter(({ who, action, about, outcome }) => {
    const key = JSON.stringify([who, action, about]);
    const ends = ended.get(key) ?? 0;
    if (outcome !== 'begun') {
      if (outcome !== 'refused') ended.set(key, ends + 1);
      return true;
    }
    ended.set(key, Math.max(0, ends - 1));
    return ends === 0;
  });
}

async function told(project: Project, page: readonly Found[]): Promise<Moment[]> {
  const names = page.flatMap((each) => (each.kind === 'backup' ? [each.entry.name] : []));
  const brought = await commitsOf(project, names);
  const drills = drillsOf(project.local, project.store.id);
  const known = new Map<string, Promise<OpenedBackup | undefined>>();
  const openOnce = (name: string) => {
    const found = known.get(name) ?? opened(project, name).catch(undefinedIfShut);
    known.set(name, found);
    return found;
  };
  let left = BYTES_A_PAGE;
  const moments: Moment[] = [];
  for (const each of page) {
    if (each.kind !== 'backup') {
      moments.push(each);
      continue;
    }
    const { entry, before } = each;
    const is = await openOnce(entry.name);
    const was = before && is && (await openOnce(before.name));
    const changed = was && is && (await changedOnce(project, was, is, Math.min(left, BYTES_A_BACKUP)));
    left -= changed?.bytes ?? 0;
    const drilled = is && drills[is.opened.digest]?.ok;
    moments.push({ ...each, changed: changed || undefined, drilled, brought: brought.get(entry.name) });
  }
  return moments;
}

/** One that is damaged or shut says no more than the list does; the page of it says why. */
function undefinedIfShut(error: unknown): undefined {
  if (isHindrance(error)) throw error;
}

const keysOf = keyTeller();
/** What two backups differ by stays so: both are what their digests say. */
const changes = new Map<string, Changed>();
const MOST_CHANGES = 2000;

async function changedOnce(
  project: Project,
  was: OpenedBackup,
  is: OpenedBackup,
  most: number,
): Promise<Changed | undefined> {
  const key = `${was.opened.digest} ${is.opened.digest}`;
  const known = changes.get(key);
  if (known !== undefined) return { ...known, bytes: 0 };
  const [before, after] = [was, is].map(({ manifest, store }) => ({ content: manifest, store }));
  if (before === undefined || after === undefined) return undefined;
  const keys = new Map([...(await keysOf(project, was.manifest)), ...(await keysOf(project, is.manifest))]);
  const changed = await whatChanged(project, before, after, keys, most).catch(undefinedIfShut);
  if (changed?.tables.every(({ rows }) => rows !== undefined) === true) changes.set(key, changed);
  if (changes.size > MOST_CHANGES)
    for (const [oldest] of [...changes].slice(0, MOST_CHANGES / 10)) changes.delete(oldest);
  return changed;
}

/** By the names of backups. Where git cannot say, nobody knows. */
async function commitsOf(project: Project, names: readonly string[]): Promise<ReadonlyMap<string, Brought>> {
  try {
    const place = await placeInRepository(project);
    if (place === undefined) return new Map();
    const { repository, inside } = place;
    const fileOf = (name: string) => (inside === '' ? manifestFile(name) : `${inside}/${manifestFile(name)}`);
    const brought = await broughtBy(repository, names.map(fileOf));
    return new Map(
      names.flatMap((name) => {
        const by = brought.get(fileOf(name));
        return by === undefined ? [] : [[name, by] as const];
      }),
    );
  } catch {
    return new Map();
  }
}
