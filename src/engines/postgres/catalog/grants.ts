import { entry, type Piece } from './piece.ts';

/** What may be granted on: its entry, its kind as acldefault() has it, how GRANT calls it, and who owns it. */
const SUBJECTS = `
SELECT ${entry('pg_class', 'c.oid')} AS key, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char" AS kind,
  concat(CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END, c.q) AS called, '' AS part, c.relowner AS owner, c.relacl AS acl,
  c.nspname AS schema, c.relname AS name
FROM rel c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL
SELECT ${entry('pg_class', 'c.oid')}, 'c', 'TABLE ' || c.q, format(' (%I)', a.attname), c.relowner, a.attacl, c.nspname, c.relname
FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p', 'v', 'm')
UNION ALL
SELECT ${entry('pg_proc', 'p.oid')}, 'f', CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || p.q, '', p.proowner, p.proacl, '', '' FROM fun p
UNION ALL
SELECT ${entry('pg_type', 't.oid')}, 'T', 'TYPE ' || t.q, '', t.typowner, t.typacl, '', '' FROM typ t WHERE t.typacl IS NOT NULL
UNION ALL
SELECT ${entry('pg_namespace', 'n.oid')}, 'n', 'SCHEMA ' || n.q, '', n.nspowner, n.nspacl, '', '' FROM ns n WHERE n.nspname <> 'public'`;

/**
 * Who may do what, beyond what whoever makes a thing may do, and what is taken away from them. Who owns it is not said: that is whoever
 * restores it. What somebody granted who was given the right is granted by the owner then.
 */
export const grants: Piece = `
SELECT '', 'grant', '', concat(CASE WHEN g.taken THEN 'not ' END, g.who, ' on ', g.called, g.part, CASE WHEN g.grantable THEN ' for others' END), g.schema, g.name,
  concat(CASE WHEN g.taken THEN 'REVOKE ' ELSE 'GRANT ' END, string_agg(g.what || g.part, ', ' ORDER BY g.what), ' ON ', g.called,
    CASE WHEN g.taken THEN ' FROM ' ELSE ' TO ' END, g.who, CASE WHEN g.grantable THEN ' WITH GRANT OPTION' END), g.key
FROM (
  SELECT DISTINCT s.key, s.called, s.part, s.schema, s.name, x.taken, x.grantable, x.what,
    CASE x.grantee WHEN 0 THEN 'PUBLIC' WHEN s.owner THEN 'CURRENT_USER' ELSE quote_ident((SELECT r.rolname FROM pg_roles r WHERE r.oid = x.grantee)) END AS who
  FROM (${SUBJECTS}) AS s, LATERAL (
    SELECT false AS taken, grantee, privilege_type AS what, is_grantable AS grantable FROM (
      SELECT grantee, privilege_type, is_grantable FROM aclexplode(s.acl) EXCEPT
      SELECT grantee, privilege_type, is_grantable FROM aclexplode(acldefault(s.kind, s.owner))) AS given
    WHERE grantee <> s.owner
    UNION ALL
    SELECT true, grantee, privilege_type, false FROM (
      SELECT grantee, privilege_type FROM aclexplode(acldefault(s.kind, s.owner)) EXCEPT
      SELECT grantee, privilege_type FROM aclexplode(s.acl)) AS missing) AS x
  WHERE s.acl IS NOT NULL) AS g
GROUP BY g.key, g.called, g.part, g.schema, g.name, g.taken, g.grantable, g.who`;
