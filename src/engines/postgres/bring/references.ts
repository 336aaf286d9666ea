import { rowsStillReferenced } from '../../../core/problems/some-rows.ts';
import { count } from '../../../core/words.ts';
import type { Session } from '../driver.ts';
import { keyOf, type Named, qualified, quoted } from '../names.ts';
import { regclasses } from '../restore/suspend.ts';
import { looseBefore, make } from './aside.ts';
import type { Shape } from './wanted-tables.ts';

interface Reference {
  readonly child: Named;
  readonly parent: Named;
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Of a whole, all its parts count. */
  readonly isOfParts: boolean;
}

/**
 * Looks which rows point nowhere, from these tables and to them, before anything is done; what it returns looks again afterwards, and throws
 * ROWS_REFERENCED where others do. Some may have done so before: a key may hold for new rows alone.
 */
export async function watchReferences(session: Session, shapes: readonly Shape[]): Promise<() => Promise<void>> {
  const references = await referencesOf(session, shapes);
  for (const [at, reference] of references.entries()) {
    const values = reference.from.map((name, place) => `c.${quoted(name)} AS v${place}`).join(', ');
    await session.query(make(looseBefore({ at }), `SELECT DISTINCT ${values} FROM ${dangling(reference)}`));
  }
  return async () => {
    for (const [at, reference] of references.entries()) {
      const known = reference.from.map((name, place) => `b.v${place} = c.${quoted(name)}`).join(' AND ');
      const [[rows = '0'] = []] = await session.query(
        `SELECT count(*) FROM ${dangling(reference)} AND NOT EXISTS (SELECT FROM ${looseBefore({ at })} AS b WHERE ${known})`,
      );
      if (rows !== '0')
        throw rowsStillReferenced(keyOf(reference.parent), keyOf(reference.child), count(Number(rows), 'row'))();
    }
  };
}

/** Rows of a child that point nowhere. */
function dangling({ child, parent, from, to, isOfParts }: Reference): string {
  const points = from.map((name) => `c.${quoted(name)} IS NOT NULL`).join(' AND ');
  const pair = to.map((name, at) => `p.${quoted(name)} = c.${quoted(from[at] ?? '')}`).join(' AND ');
  const parents = `SELECT FROM ${isOfParts ? '' : 'ONLY '}${qualified(parent)} AS p WHERE ${pair}`;
  return `${qualified(child)} AS c WHERE ${points} AND NOT EXISTS (${parents})`;
}

/** Keys of a whole's parts among each other, which the server makes for itself, are none. */
async function referencesOf(session: Session, shapes: readonly Shape[]): Promise<Reference[]> {
  const ours = regclasses(shapes.map(({ table }) => table));
  const names = (numbers: string, of: string) =>
    `(SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(${numbers}) WITH ORDINALITY AS u(attnum, at) JOIN pg_attribute a ON a.attrelid = ${of} AND a.attnum = u.attnum)`;
  const rows = await session.query(`
SELECT DISTINCT cn.nspname, c.relname, pn.nspname, p.relname, ${names('k.conkey', 'k.conrelid')}::text, ${names('k.confkey', 'k.confrelid')}::text, p.relkind = 'p'
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
  JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace LEFT JOIN pg_constraint w ON w.oid = k.conparentid
WHERE k.contype = 'f' AND w.conrelid IS DISTINCT FROM k.conrelid
  AND (k.conrelid = ANY(${ours}) OR k.confrelid = ANY(${ours} || ARRAY(SELECT inhparent FROM pg_inherits WHERE inhrelid = ANY(${ours}))::regclass[]))
ORDER BY 1, 2, 3, 4, 5`);
  return rows.map(([schema, child, schemaOfParent, parent, from, to, isOfParts]) => ({
    child: { schema: `${schema}`, name: `${child}` },
    parent: { schema: `${schemaOfParent}`, name: `${parent}` },
    from: JSON.parse(from ?? '[]'),
    to: JSON.parse(to ?? '[]'),
    isOfParts: isOfParts === 't',
  }));
}
