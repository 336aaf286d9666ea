import type { Saved, SchemaObject } from '../../../core/manifest.ts';
import { entryOf, leftOutOf } from '../../../core/privacy/left-out.ts';
import { databaseLocked } from '../../../core/problems/database.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import type { Committing, SliceSource } from '../../engine.ts';
import { readSchema } from '../catalog/read-schema.ts';
import { isInternal } from '../codec.ts';
import type { Session } from '../driver.ts';
import { type Named, qualified } from '../names.ts';
import { dropsOf, mustBeAlone } from './drop-schema.ts';
import { digestOfRows, loadRows } from './load-rows.ts';
import { makeAll, stepsOf, toMake } from './make-schema.ts';
import { bringBack, type Laid, layAside, layHere } from './old-rows.ts';
import { isSameSchema, missingFrom, type Plan, withoutTables } from './plan.ts';
import { refresh } from './refresh.ts';
import { mustBeSame } from './same-rows.ts';
import { setSequences } from './sequences.ts';
import type { Surveyed } from './survey.ts';
import { suspend, suspendKeysFromOutside } from './suspend.ts';
import { suspendIndexes } from './suspend-indexes.ts';
import type { RestoreTarget } from './target.ts';

/** What is put in the place of a database. */
export interface Incoming {
  readonly content: Saved;
  readonly slices: SliceSource;
  readonly surveyed: ReadonlyMap<string, Surveyed>;
  readonly onRows: (rows: number) => void;
  /** Whether what the backup leaves out is to stay. */
  readonly completes: boolean;
}

/**
 * All of it in one transaction, which is open when this is called and is still open afterwards: whatever stops it, the database is as it was.
 * Others may read until the rows that are there were kept, and wait from then on.
 */
export async function replaceIn(
  session: Session,
  target: RestoreTarget,
  plan: Plan,
  incoming: Incoming,
  how: Pick<Committing, 'keep' | 'expected' | 'ignore'>,
): Promise<void> {
  const there = plan.tables.filter(({ key }) => !plan.stays.includes(key));
  await lock(session, there, 'SHARE ROW EXCLUSIVE');
  const live = await schemaOf(session, target, plan.stays);
  if (!isSameSchema(live, plan.live)) throw databaseLocked(target.label)();
  await mayReplace(target, how);
  await lock(session, there, 'ACCESS EXCLUSIVE');
  const { content } = incoming;
  if (plan.kind === 'same') await replaceRows(session, target, plan, incoming);
  else await replaceAll(session, target, plan, incoming);
  const now = await schemaOf(session, target, plan.stays);
  const lost = missingFrom(content.schema, now);
  if (lost !== undefined)
    throw restoreInexact(`with ${lost.type} '${lost.name}'`, 'its definition came out otherwise')();
  if (plan.kind !== 'fresh' && !isSameSchema(now, content.schema))
    throw restoreInexact('with the schema', 'there is more than the backup has')();
}

/** Throws DATABASE_LOCKED where somebody wrote rows since it was decided what to do, and what `keep` throws. Nobody can write any more. */
export async function mayReplace(
  target: RestoreTarget,
  { keep, expected, ignore }: Pick<Committing, 'keep' | 'expected' | 'ignore'>,
): Promise<void> {
  const before = await target.standing(ignore);
  if (before === 'data' && (expected === 'nothing' || expected === 'empty-tables'))
    throw databaseLocked(target.label)();
  if (before !== 'nothing') await keep();
}

export async function lock(session: Session, tables: readonly Named[], mode: string): Promise<void> {
  const names = tables.map((table) => `ONLY ${qualified(table)}`);
  if (names.length > 0) await session.query(`LOCK TABLE ${names.join(', ')} IN ${mode} MODE`);
}

async function schemaOf(session: Session, target: RestoreTarget, stays: readonly string[]): Promise<SchemaObject[]> {
  return withoutTables((await readSchema(session, target.label, target.scope)).schema, stays);
}

/** Below so many rows an index is filled sooner than it is made. */
const MANY = 1000;

/** The tables stay. */
async function replaceRows(session: Session, target: RestoreTarget, plan: Plan, incoming: Incoming): Promise<void> {
  const { content, slices, completes } = incoming;
  const leftOut = leftOutOf(content.metadata ?? {});
  const isKept = (key: string) => completes && entryOf(leftOut.excluded, key) !== undefined;
  const there = plan.tables.filter(({ key }) => !plan.stays.includes(key));
  const emptied = there.filter(({ key, holdsRows }) => holdsRows && !isKept(key));
  await makeAll(session, target.label, missingBesides(content.schema, plan.live));
  const suspended = await suspend(
    session,
    target.label,
    there.filter(({ key }) => !isKept(key)),
  );
  const laid = completes ? await layAside(leftOut, emptied, [], layHere(session)) : [];
  const names = emptied.map((table) => `ONLY ${qualified(table)}`);
  if (names.length > 0) await session.query(`TRUNCATE ${names.join(', ')}`);
  const filled = emptied.map(({ key }) => key);
  const large = emptied.filter(({ key }) => (incoming.surveyed.get(key)?.rows ?? 0) > MANY);
  const indexes = await suspendIndexes(session, large);
  await putIn(session, target, incoming, filled, laid, indexes.resume);
  await suspended.resume(() => refresh(session, plan.live));
  await setSequences(session, content, slices, 'exactly');
}

/** Schemas and extensions that are not there, and what is said of things now: what was said else is said no more. */
function missingBesides(wanted: readonly SchemaObject[], live: readonly SchemaObject[]): SchemaObject[] {
  const besides = toMake(wanted, live).filter(({ type }) => ['schema', 'extension', 'comment'].includes(type));
  const said = new Set(wanted.filter(({ type }) => type === 'comment').map(({ name }) => name));
  const unsaid = live.filter(({ type, name }) => type === 'comment' && !said.has(name));
  return [
    ...besides,
    ...unsaid.map((comment) => ({ ...comment, sql: comment.sql.replace(/ IS E?'[\s\S]*$/, ' IS NULL') })),
  ];
}

/** What is there goes, and the backup's is made. */
async function replaceAll(session: Session, target: RestoreTarget, plan: Plan, incoming: Incoming): Promise<void> {
  const { content, slices, completes } = incoming;
  const leftOut = leftOutOf(content.metadata ?? {});
  const rowsStay = completes ? Object.keys(leftOut.excluded ?? {}).filter((key) => !plan.stays.includes(key)) : [];
  let laid: Laid[] = [];
  const going = plan.tables.filter(({ key }) => !plan.stays.includes(key));
  // Keys of tables that stay; those of tables that go are made with them.
  const outside = await suspendKeysFromOutside(session, target.label, going);
  if (plan.kind === 'other') {
    await mustBeAlone(session, target.label, target.scope, plan.stays);
    if (completes) laid = await layAside(leftOut, plan.tables, rowsStay, layHere(session));
    for (const drop of dropsOf(plan.live)) await session.query(drop);
  }
  const there =
    plan.kind === 'other' ? plan.live.filter(({ type }) => type === 'schema' || type === 'extension') : plan.live;
  const steps = stepsOf(toMake(content.schema, there));
  await makeAll(session, target.label, steps.before);
  const rows = [...content.data.keys()].filter((name) => !isInternal(name));
  await putIn(session, target, incoming, rows, laid, () => makeAll(session, target.label, steps.indexes));
  await setSequences(session, content, slices, 'exactly');
  await outside.resume();
  await makeAll(session, target.label, steps.after);
}

/**
 * Rows, each table held against what it got as soon as it has them; then what makes of them what is compared; then what the backup leaves out.
 * Where rows do not lie as they came in, they are read again in their order.
 */
async function putIn(
  session: Session,
  target: RestoreTarget,
  { content, slices, surveyed, onRows }: Incoming,
  tables: readonly string[],
  laid: readonly Laid[],
  between: () => Promise<void>,
): Promise<void> {
  const doubtful: string[] = [];
  for (const name of tables) {
    const found = surveyed.get(name);
    if (found === undefined) continue;
    const given = await loadRows(session, name, found, slices, onRows, { isNew: true });
    if ((await digestOfRows(session, name, found)) !== given) doubtful.push(name);
  }
  await between();
  if (doubtful.length > 0) await mustBeSame(target, session, leftOutOf(content.metadata ?? {}), slices, doubtful);
  await bringBack(session, laid);
}
