import type { Saved } from '../../../core/manifest.ts';
import type { Bringing, SliceSource } from '../../engine.ts';
import type { Session } from '../driver.ts';
import { loadRows } from '../restore/load-rows.ts';
import { type Surveyed, survey } from '../restore/survey.ts';
import { live, make, namesOf, saved } from './aside.ts';
import { type Shape, shapeOf, type WantedTable } from './wanted-tables.ts';

/** What of a backup is about these tables. */
function contentOf(content: Saved, wanted: readonly WantedTable[]): Saved {
  const names = wanted.map(({ table }) => table.key);
  return { ...content, data: new Map([...content.data].filter(([name]) => names.includes(name))) };
}

/** Goes through the backup's rows of these tables once. */
export async function shapesOf(wanted: readonly WantedTable[], content: Saved, slices: SliceSource) {
  const surveyed = await survey(contentOf(content, wanted), slices);
  const shapes = wanted.map((each, at) => shapeOf(each, content, surveyedOf(surveyed, each), at));
  return { surveyed, shapes };
}

const surveyedOf = (surveyed: ReadonlyMap<string, Surveyed>, { table }: WantedTable): Surveyed =>
  surveyed.get(table.key) ?? { rows: 0, keys: undefined };

/** Puts the backup's rows beside, in tables with the columns that are there now: values go to the types they have today. */
export async function putBeside(
  session: Session,
  shapes: readonly Shape[],
  surveyed: ReadonlyMap<string, Surveyed>,
  slices: SliceSource,
  { onRows }: Bringing,
): Promise<void> {
  for (const shape of shapes) {
    await session.query(make(saved(shape), `SELECT ${namesOf(shape.inserted)} FROM ${live(shape)} WITH NO DATA`));
    await loadRows(session, shape.table.key, surveyedOf(surveyed, shape), slices, onRows, { into: saved(shape) });
    await session.query(`ANALYZE ${saved(shape)}`);
  }
}
