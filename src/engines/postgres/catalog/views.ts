import { entry, type Piece } from './piece.ts';
import { accessMethod, ownOptions, withOptions } from './tables.ts';

const definition = "rtrim(pg_get_viewdef(c.oid), ';')";

export const views: Piece = `
SELECT ${entry('pg_class', 'c.oid')}, 'view', c.nspname, c.relname, c.nspname, c.relname,
  concat('CREATE VIEW ', c.q, ${withOptions(ownOptions)}, E' AS\\n', ${definition}), ''
FROM rel c WHERE c.relkind = 'v'`;

/** One that holds its rows gets them when it is made, after the tables' own. */
export const materializedViews: Piece = `
SELECT ${entry('pg_class', 'c.oid')}, 'materialized view', c.nspname, c.relname, c.nspname, c.relname,
  concat('CREATE MATERIALIZED VIEW ', c.q, ${accessMethod}, ${withOptions(ownOptions)}, E' AS\\n', ${definition},
    CASE WHEN NOT c.relispopulated THEN E'\\n  WITH NO DATA' END), ''
FROM rel c WHERE c.relkind = 'm'`;
