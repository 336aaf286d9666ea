import { entry, type Piece } from './piece.ts';

/** Functions and procedures; the same name with other arguments is another one. */
export const functions: Piece = `
SELECT ${entry('pg_proc', 'p.oid')}, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, p.nspname, p.called, '', '',
  rtrim(pg_get_functiondef(p.oid), E'\\n'), ''
FROM fun p JOIN pg_language l ON l.oid = p.prolang WHERE p.prokind IN ('f', 'p', 'w') AND l.lanname NOT IN ('c', 'internal')`;
