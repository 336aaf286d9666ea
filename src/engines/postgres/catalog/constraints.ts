import { entry, type Piece } from './piece.ts';
import { standsAlone } from './tables.ts';

/** Keys, foreign keys, exclusions, and conditions that CREATE TABLE does not say. A foreign key of the whole makes those of its parts. */
export const constraints: Piece = `
SELECT ${entry('pg_constraint', 'k.oid')}, CASE k.contype WHEN 'f' THEN 'foreign key' ELSE 'constraint' END, '', k.conname, c.nspname, c.relname,
  format('ALTER TABLE %s%s ADD CONSTRAINT %I %s', CASE WHEN k.contype IN ('p', 'u', 'x') OR k.contype = 'f' AND c.relkind = 'r' THEN 'ONLY ' END,
    c.q, k.conname, pg_get_constraintdef(k.oid)),
  concat_ws(' ', ${entry('pg_class', 'c.oid')}, CASE WHEN k.contype = 'f' THEN ${entry('pg_class', 'k.confrelid')} END)
FROM rel c JOIN pg_constraint k ON k.conrelid = c.oid WHERE ${standsAlone}`;

/** Indexes that no key makes by itself. One that could not be finished is none. */
export const indexes: Piece = `
SELECT ${entry('pg_class', 'c.oid')}, 'index', c.nspname, c.relname, t.nspname, t.relname, pg_get_indexdef(c.oid), ''
FROM rel c JOIN pg_index i ON i.indexrelid = c.oid JOIN rel t ON t.oid = i.indrelid
WHERE c.relkind IN ('i', 'I') AND (i.indisvalid OR c.relkind = 'I')
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))`;

/** Indexes of parts, as parts of the index of the whole. */
export const indexParts: Piece = `
SELECT '', 'attach', '', c.relname || ' is a part', w.nspname, w.relname, format('ALTER INDEX %s ATTACH PARTITION %s', w.q, c.q),
  concat_ws(' ', ${entry('pg_class', 'c.oid')}, ${entry('pg_class', 'w.oid')})
FROM rel c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN rel w ON w.oid = i.inhparent WHERE c.relkind IN ('i', 'I')`;

export const statistics: Piece = `
SELECT ${entry('pg_statistic_ext', 's.oid')}, 'statistics', n.nspname, s.stxname, c.nspname, c.relname, pg_get_statisticsobjdef(s.oid), ''
FROM rel c JOIN pg_statistic_ext s ON s.stxrelid = c.oid JOIN ns n ON n.oid = s.stxnamespace
UNION ALL
SELECT '', 'setting', '', s.stxname || ' is sampled', c.nspname, c.relname,
  format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, s.stxstattarget), ${entry('pg_statistic_ext', 's.oid')}
FROM rel c JOIN pg_statistic_ext s ON s.stxrelid = c.oid JOIN ns n ON n.oid = s.stxnamespace WHERE s.stxstattarget >= 0`;
