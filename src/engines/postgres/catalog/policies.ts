import { entry, type Piece } from './piece.ts';

/** `PUBLIC` is nobody's name. */
const roles = `(SELECT string_agg(CASE r.oid WHEN 0 THEN 'PUBLIC' ELSE quote_ident(a.rolname) END, ', ' ORDER BY a.rolname)
  FROM unnest(p.polroles) AS r(oid) LEFT JOIN pg_roles a ON a.oid = r.oid)`;

export const policies: Piece = `
SELECT ${entry('pg_policy', 'p.oid')}, 'policy', '', p.polname, c.nspname, c.relname,
  concat(format('CREATE POLICY %I ON %s AS %s FOR %s TO ', p.polname, c.q, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END), ${roles},
    ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'), ''
FROM rel c JOIN pg_policy p ON p.polrelid = c.oid`;

export const rowSecurity: Piece = `
SELECT '', 'security', '', 'row security', c.nspname, c.relname, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', c.q), ${entry('pg_class', 'c.oid')}
FROM rel c WHERE c.relrowsecurity
UNION ALL
SELECT '', 'security', '', 'row security, for the owner too', c.nspname, c.relname, format('ALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY', c.q), ${entry('pg_class', 'c.oid')}
FROM rel c WHERE c.relforcerowsecurity`;
