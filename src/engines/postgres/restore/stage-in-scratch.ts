import { OverwinterError } from '../../../core/errors.ts';
import type { Saved, SchemaObject } from '../../../core/manifest.ts';
import { type LeftOut, leftOutOf } from '../../../core/privacy/left-out.ts';
import { noScratch } from '../../../core/problems/postgres.ts';
import type { LoadReport, SliceSource, Staged } from '../../engine.ts';
import { readSchema } from '../catalog/read-schema.ts';
import { isInternal } from '../codec.ts';
import type { Session } from '../driver.ts';
import { qualified, quoted } from '../names.ts';
import { findTables } from '../tables.ts';
import { countsIn } from './counts.ts';
import { mustDefine } from './definition.ts';
import { fillIn, planFilling } from './fill.ts';
import { loadRows } from './load-rows.ts';
import { makeAll, stepsOf } from './make-schema.ts';
import { bringBack, layAside, layFrom, notBroughtBack } from './old-rows.ts';
import { withoutTables } from './plan.ts';
import { type Scratch, scratchFor } from './scratch.ts';
import { setSequences } from './sequences.ts';
import { survey } from './survey.ts';
import { letOwnerRead } from './suspend.ts';
import { leftWhole, type RestoreTarget } from './target.ts';
import { looking } from './transaction.ts';

/** Makes what a backup holds, or what a database would be with its rows, beside it, to be looked at and thrown away. */
export function stageInScratch(target: RestoreTarget, how: 'replace' | 'fill'): Staged {
  let scratch: Scratch | undefined;
  let where: string | undefined;
  let schema: readonly SchemaObject[] = [];
  const session = (): Session => {
    if (scratch === undefined) throw new Error('nothing was loaded');
    return scratch.session;
  };
  return {
    async load(content, slices, onRows) {
      for (const object of content.schema) mustDefine(object);
      const live = how === 'fill' ? await schemaOf(target) : [];
      scratch = await scratchFor(target, how === 'fill' ? live : content.schema);
      where = scratch.where;
      try {
        if (how === 'fill') await copyLive(scratch.session, target, live);
        const report = await (how === 'replace'
          ? build(scratch.session, target, content, slices, onRows)
          : fillCopy(scratch.session, target, live, content, slices, onRows));
        const { schema: made } = await readSchema(scratch.session, target.label, target.scope);
        schema = scratch.isOther === true && how === 'replace' ? content.schema : made;
        await letOwnerRead(scratch.session, (await findTables(scratch.session, target.scope)).tables);
        return report;
      } catch (error) {
        throw scratch.isOther === true ? ofMemory(target, error) : error;
      }
    },
    async complete(leftOut) {
      return takeFromLive(session(), target, leftOut);
    },
    counts: () => countsIn(session(), target.scope),
    async read(_folder, select) {
      const reading = await target.readWithin(session(), select);
      // As it was before we could read it.
      return { ...reading, schema: withoutTables(schema, leftWhole(reading.leftOut)) };
    },
    async commit() {
      throw new Error('what is only to be looked at cannot be put in place');
    },
    async discard() {
      const made = scratch;
      scratch = undefined;
      await made?.close();
    },
    where: () => where,
  };
}

/** PGlite has not every extension, nor every version: that says nothing of the backup. */
const ofMemory = ({ label }: RestoreTarget, error: unknown) =>
  error instanceof OverwinterError && error.code === 'DATABASE_FAILED' ? noScratch(label, error.message)(error) : error;

async function schemaOf(target: RestoreTarget): Promise<readonly SchemaObject[]> {
  const session = await target.connect();
  try {
    return await looking(session, async () => (await readSchema(session, target.label, target.scope)).schema);
  } finally {
    await session.close();
  }
}

async function build(
  session: Session,
  target: RestoreTarget,
  content: Saved,
  slices: SliceSource,
  onRows: (rows: number) => void,
): Promise<LoadReport> {
  const surveyed = await survey(content, slices);
  const steps = stepsOf(content.schema);
  await makeAll(session, target.label, steps.before);
  let rows = 0;
  for (const [name, found] of surveyed) {
    if (isInternal(name)) continue;
    await loadRows(session, name, found, slices, onRows, { isNew: true });
    rows += found.rows;
  }
  await makeAll(session, target.label, steps.indexes);
  await makeAll(session, target.label, steps.after);
  await setSequences(session, content, slices, 'exactly');
  return { rows, warnings: [] };
}

async function fillCopy(
  session: Session,
  target: RestoreTarget,
  live: readonly SchemaObject[],
  content: Saved,
  slices: SliceSource,
  onRows: (rows: number) => void,
): Promise<LoadReport> {
  const surveyed = await survey(content, slices);
  const filling = await planFilling(session, target, live, content, surveyed);
  await fillIn(session, target, filling, content, surveyed, slices, onRows, live);
  return filling;
}

/** The database as it is, with its rows. */
async function copyLive(session: Session, target: RestoreTarget, schema: readonly SchemaObject[]): Promise<void> {
  const steps = stepsOf(schema);
  await makeAll(session, target.label, steps.before);
  await withLive(target, async (live) => {
    for (const table of (await findTables(live, target.scope)).tables) {
      if (!table.holdsRows) continue;
      const names = table.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => quoted(name));
      const columns = names.length === 0 ? '' : ` (${names.join(', ')})`;
      const rows = live.copyOut(`COPY ${qualified(table)}${columns} TO STDOUT`);
      await session.copyIn(`COPY ${qualified(table)}${columns} FROM STDIN`, rows);
    }
  });
  await makeAll(session, target.label, [...steps.indexes, ...steps.after]);
}

async function takeFromLive(session: Session, target: RestoreTarget, leftOut: LeftOut): Promise<string[]> {
  const emptied = Object.keys(leftOut.excluded ?? {}).filter((table) => !leftWhole(leftOut).includes(table));
  return withLive(target, async (live) => {
    const { tables } = await findTables(live, target.scope);
    const here = new Set((await findTables(session, target.scope)).tables.map(({ key }) => key));
    const both = tables.filter(({ key }) => here.has(key));
    await bringBack(session, await layAside(leftOutOf(leftOut), both, emptied, layFrom(live, session)));
    return notBroughtBack(live, leftOut, both);
  });
}

async function withLive<T>(target: RestoreTarget, work: (live: Session) => Promise<T>): Promise<T> {
  const live = await target.connect();
  try {
    return await looking(live, () => work(live));
  } finally {
    await live.close();
  }
}
