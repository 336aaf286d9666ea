import type { Session } from '../driver.ts';
import { literal, qualified, quoted } from '../names.ts';
import type { Table } from '../tables.ts';

/** Whole numbers that a table gives to its rows by itself go on behind those that came: none is given twice. */
export async function moveSequences(session: Session, tables: readonly Table[]): Promise<void> {
  for (const table of tables)
    for (const { name, base } of table.columns) {
      if (!['int2', 'int4', 'int8'].includes(base)) continue;
      const place = qualified(table);
      const [[sequence = null] = []] = await session.query(
        `SELECT pg_get_serial_sequence(${literal(place)}, ${literal(name)})`,
      );
      if (sequence === null) continue;
      await session.query(`SELECT setval(${literal(sequence)}, m.most) FROM (SELECT max(${quoted(name)}) AS most FROM ONLY ${place}) AS m, ${sequence} AS s, pg_sequence AS q
        WHERE q.seqrelid = ${literal(sequence)}::regclass AND q.seqincrement > 0 AND m.most > s.last_value AND m.most <= q.seqmax`);
    }
}
