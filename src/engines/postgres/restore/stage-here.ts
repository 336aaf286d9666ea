import type { Saved } from '../../../core/manifest.ts';
import { leftOutOf } from '../../../core/privacy/left-out.ts';
import { databaseLocked } from '../../../core/problems/database.ts';
import type { Committing, LoadReport, SliceSource, Staged } from '../../engine.ts';
import { readSchema } from '../catalog/read-schema.ts';
import type { Session } from '../driver.ts';
import { writeOwnMark } from '../own-mark.ts';
import { type Filling, fillIn, planFilling } from './fill.ts';
import { namingHolders } from './holders.ts';
import { notBroughtBack } from './old-rows.ts';
import { type Plan, planFor } from './plan.ts';
import { lock, mayReplace, replaceIn } from './replace.ts';
import { stageInScratch } from './stage-in-scratch.ts';
import { type Surveyed, survey } from './survey.ts';
import type { RestoreTarget } from './target.ts';
import { beginWriting, looking, nameOfTransaction } from './transaction.ts';

interface Loaded {
  readonly content: Saved;
  readonly slices: SliceSource;
  readonly onRows: (rows: number) => void;
  readonly surveyed: ReadonlyMap<string, Surveyed>;
  readonly plan: Plan;
  readonly filling: Filling | undefined;
}

/**
 * In the database itself. Whatever takes a table's place holds it against everybody, and what is there is still to be kept; so loading only finds
 * out whether everything is there and can be done, and rows go in when it is committed.
 */
export function stageHere(target: RestoreTarget, how: 'replace' | 'fill'): Staged {
  let loaded: Loaded | undefined;
  let completes = false;
  let trial: Promise<Staged> | undefined;
  const given = (): Loaded => {
    if (loaded === undefined) throw new Error('nothing was loaded');
    return loaded;
  };
  /** Whoever looks at it before it is there looks at the same in a scratch. */
  const tried = () => {
    trial ??= tryOut(target, how, given(), completes);
    return trial;
  };
  return {
    async load(content, slices, onRows) {
      const surveying = survey(content, slices);
      const finding = inSession(target, (session) =>
        looking(session, async () => {
          if (how === 'replace') return { plan: await planFor(session, target, content), filling: undefined };
          const live = (await readSchema(session, target.label, target.scope)).schema;
          const filling = await planFilling(session, target, live, content, await surveying);
          return { plan: { kind: 'same' as const, live, tables: [], stays: [], warnings: [] }, filling };
        }),
      );
      // The server looks while the parts are read; what is wrong with the backup is said first.
      const [read, found] = await Promise.allSettled([surveying, finding]);
      if (read.status === 'rejected') throw read.reason;
      if (found.status === 'rejected') throw found.reason;
      loaded = { content, slices, onRows, surveyed: read.value, ...found.value };
      return reportOf(loaded);
    },
    async complete(leftOut) {
      completes = true;
      const { plan } = given();
      const look = (session: Session) => looking(session, () => notBroughtBack(session, leftOut, plan.tables));
      return [...plan.warnings, ...(await inSession(target, look))];
    },
    counts: async () => (await tried()).counts(),
    read: async (folder, select) => (await tried()).read(folder, select),
    async commit(committing) {
      await (await trial)?.discard();
      const marked = await inSession(target, (session) =>
        namingHolders(session, target.label, async () => {
          await beginWriting(session, committing.patience);
          const all = given();
          if (all.filling === undefined) await replaceIn(session, target, all.plan, { ...all, completes }, committing);
          else await fill(session, target, all, all.filling, committing);
          await session.query('SET CONSTRAINTS ALL IMMEDIATE');
          const { ownMark } = committing;
          const said = ownMark === undefined ? undefined : await writeOwnMark(session, ownMark);
          await committing.check?.look(await target.readWithin(session));
          if (committing.replacing !== undefined) committing.replacing(await nameOfTransaction(session));
          // If the server's answer is lost, nobody knows whether it is in place: then what was kept must stay.
          committing.replaced();
          await session.query('COMMIT');
          return said;
        }),
      );
      return { setAside: undefined, ...(marked === undefined ? {} : { marked }) };
    },
    async discard() {
      await (await trial?.catch(() => undefined))?.discard();
    },
  };
}

function reportOf({ surveyed, filling, plan }: Loaded): LoadReport {
  if (filling !== undefined) return filling;
  return { rows: [...surveyed.values()].reduce((sum, { rows }) => sum + rows, 0), warnings: plan.warnings };
}

async function inSession<T>({ connect }: RestoreTarget, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect();
  try {
    return await work(session);
  } finally {
    // A transaction that did not end well ends with it.
    await session.close();
  }
}

async function tryOut(
  target: RestoreTarget,
  how: 'replace' | 'fill',
  { content, slices }: Loaded,
  completes: boolean,
): Promise<Staged> {
  const staged = stageInScratch(target, how);
  try {
    await staged.load(content, slices, () => {});
    if (completes) await staged.complete(leftOutOf(content.metadata ?? {}));
    return staged;
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

async function fill(
  session: Session,
  target: RestoreTarget,
  { content, slices, surveyed, onRows, plan }: Loaded,
  filling: Filling,
  committing: Committing,
): Promise<void> {
  const tables = filling.tables.map(({ table }) => table);
  await lock(session, tables, 'SHARE ROW EXCLUSIVE');
  const now = await planFilling(session, target, plan.live, content, surveyed);
  const text = ({ tables: some }: Filling) => some.map(({ table }) => JSON.stringify(table)).join('\n');
  if (text(now) !== text(filling)) throw databaseLocked(target.label)();
  await mayReplace(target, committing);
  await lock(session, tables, 'ACCESS EXCLUSIVE');
  await fillIn(session, target, filling, content, surveyed, slices, onRows, plan.live);
}
