import { OverwinterError, reasonOf } from '../../core/errors.ts';
import type { Saved, TableData } from '../../core/manifest.ts';
import {
  cannotBeCopied,
  copiedToItself,
  copyFailed,
  notEmpty,
  sameKind,
  valuesDoNotFit,
} from '../../core/problems/across.ts';
import type { Across, Made } from '../../engines/across.ts';
import type { Database, SliceSource } from '../../engines/engine.ts';
import { holdOf } from '../../local/hold.ts';
import { makeLocalFolder } from '../../local/place.ts';
import { withScratch } from '../../local/scratch.ts';
import { beginMarking, type Marking, settleMark } from '../development/mark.ts';
import { lockDatabase } from '../lock-database.ts';
import { type OnProgress, type Project, silent } from '../project.ts';
import { mustBeTheSame, type Passage } from './compare.ts';
import { type Plan, planFor } from './plan.ts';
import { type CopyReport, columnsWithout, reportOf } from './report.ts';
import { holdMoment, type Source, withBackup } from './source.ts';
import { linesFor } from './target-lines.ts';

export interface CopyAcrossOptions {
  readonly to: Database;
  /** A backup of the database, in its place. */
  readonly backup?: string;
  /** Nothing is written. */
  readonly dryRun?: boolean;
  readonly onProgress?: OnProgress;
  /** Told what becomes of everything, before anything is written. */
  readonly onReport?: (report: CopyReport) => void;
}

export interface CopiedAcross extends CopyReport {
  /** What is odd in the data, and was so before. */
  readonly warnings: readonly string[];
}

/**
 * Copies a database into an empty one of another kind: in one step, with every value read there again and held against the one it came from
 * before anybody sees it. Throws COPY_REFUSED for values that would not be the same, DATABASE_EXISTS, and what reading and restoring throw; the
 * other database is then as it was.
 */
export async function copyAcross(project: Project, options: CopyAcrossOptions): Promise<CopiedAcross> {
  const { to, backup, onProgress = silent } = options;
  const [from, target] = await bothOf(project.database, to);
  await settleMark(project);
  return withScratch(project.local, 'copy', async (scratch) => {
    const copy = (source: Source) => copySource(project, source, from, target, scratch, options);
    if (backup !== undefined) return withBackup(project, backup, copy);
    return copy(await holdMoment(project.database, scratch, (done, total) => onProgress('saving', done, total)));
  });
}

async function copySource(
  project: Project,
  source: Source,
  from: Across,
  target: Across,
  scratch: string,
  { to, backup, dryRun = false, onProgress = silent, onReport = () => {} }: CopyAcrossOptions,
): Promise<CopiedAcross> {
  const { content } = source;
  const told = await from.tell(content.schema, content.settings);
  const plan = await planFor(source, told, target, counted('checking', source, onProgress));
  const wanted = plan.tables.flatMap((table) => table.wanted ?? []);
  const made = wanted.length === plan.tables.length ? await target.make(wanted) : undefined;
  const lost = [...plan.lost, ...(made?.lost ?? [])];
  const report = reportOf({ ...plan, lost }, project.database.label, to.label);
  onReport(report);
  if (dryRun) return { ...report, warnings: [] };
  if (made === undefined) throw valuesDoNotFit(columnsWithout(report), report.refused)();
  // What was made for development is that in its copy, too; a backup is the data.
  const madeFor = backup === undefined ? holdOf(project.local, project.database.id)?.madeFor : undefined;
  const warnings = await lockDatabase(project, to, project.wait, async () => {
    await mustBeEmpty(to);
    const marking = await beginMarking(project, to, madeFor ?? 'data');
    return write(project, to, source, plan, made, scratch, marking, onProgress);
  });
  return { ...report, warnings };
}

async function bothOf(from: Database, to: Database): Promise<[Across, Across]> {
  if (from.id === to.id) throw copiedToItself(to.label)();
  if (from.codec === to.codec) throw sameKind(from.codec.name)();
  const [one, other] = [await from.across?.(), await to.across?.()];
  if (one === undefined) throw cannotBeCopied(from.codec.name)();
  if (other === undefined) throw cannotBeCopied(to.codec.name)();
  await mustBeEmpty(to);
  return [one, other];
}

async function mustBeEmpty(to: Database): Promise<void> {
  if ((await to.standing([])) !== 'nothing') throw notEmpty(to.label)();
}

const counted = (phase: Parameters<OnProgress>[0], { rows }: Source, onProgress: OnProgress) => {
  let done = 0;
  return (more: number) => {
    done += more;
    onProgress(phase, done, rows);
  };
};

async function write(
  project: Project,
  to: Database,
  source: Source,
  plan: Plan,
  made: Made,
  scratch: string,
  marking: Marking,
  onProgress: OnProgress,
): Promise<readonly string[]> {
  const passages = plan.tables.flatMap((planned): Passage[] => {
    const table = made.tables.find(({ name }) => name === planned.told.name);
    return planned.wanted === undefined || table === undefined
      ? []
      : [{ planned, wanted: planned.wanted, made: table }];
  });
  const counters = made.counters(plan.last);
  const data = new Map<string, TableData>(
    passages.map(({ made: { stored }, planned }) => [stored, { count: planned.found.rows, parts: [] }]),
  );
  if (counters !== undefined) data.set(counters.stored, { rows: counters.lines });
  const content: Saved = { schema: made.schema, settings: made.settings, data };
  const slices: SliceSource = (stored, share) => linesFor(source, passages, counters, stored, share);
  const staged = await to.stage('replace');
  let isReplaced = false;
  try {
    const { warnings } = await staged.load(content, slices, counted('restoring', source, onProgress));
    const { marked } = await staged.commit({
      expected: 'nothing',
      ignore: [],
      patience: Math.min(project.wait, 1000),
      ...(marking.ownMark === undefined ? {} : { ownMark: marking.ownMark }),
      keep: async () => {},
      replacing: marking.about,
      replaced() {
        isReplaced = true;
      },
      check: {
        scratch,
        look: (reading) => mustBeTheSame(source, passages, reading, counted('comparing', source, onProgress)),
      },
      asideFolder: () => makeLocalFolder(project.local, 'aside'),
      stamp: project
        .now()
        .toISOString()
        .replace(/[-:T.Z]/g, ''),
    });
    return [...warnings, ...marking.done(marked)];
  } catch (error) {
    if (!isReplaced) marking.undone();
    throw inOurWords(error);
  } finally {
    await staged.discard();
  }
}

/** What a restore would say of a backup is said of the copy. */
function inOurWords(error: unknown): unknown {
  const isOfRestore = error instanceof OverwinterError && error.code === 'RESTORE_INEXACT';
  return isOfRestore && /^The backup /.test(error.message) ? copyFailed(reasonOf(error.cause ?? error))(error) : error;
}
