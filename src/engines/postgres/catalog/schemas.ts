import { entry, type Piece } from './piece.ts';

/** Every database has `public`. An extension may live in a schema that is not the user's own. */
export const schemas: Piece = `
SELECT ${entry('pg_namespace', 'n.oid')}, 'schema', '', n.nspname, '', '', 'CREATE SCHEMA ' || quote_ident(n.nspname), ''
FROM pg_namespace n WHERE n.nspname NOT IN ('public', 'pg_catalog') AND (n.oid IN (SELECT oid FROM ns) OR n.oid IN (SELECT extnamespace FROM wanted)
  AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_namespace'::regclass AND ext.objid = n.oid))`;

/** Their members are theirs. Of those in schemas of hosts only those count that something of the user's needs, or that are there for users. */
export const wantedExtensions = `
wanted AS MATERIALIZED (
  SELECT e.oid, e.extname, e.extnamespace FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname <> 'plpgsql' AND (n.oid IN (SELECT oid FROM ns) OR n.nspname = 'extensions' OR EXISTS (
    SELECT FROM pg_depend m JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid
    WHERE m.deptype = 'e' AND m.refclassid = 'pg_extension'::regclass AND m.refobjid = e.oid AND d.deptype <> 'e' AND (
      d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM rel) OR
      d.classid = 'pg_type'::regclass AND d.objid IN (SELECT oid FROM typ) OR
      d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT oid FROM fun) OR
      d.classid = 'pg_trigger'::regclass AND d.objid IN (SELECT t.oid FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid) OR
      d.classid = 'pg_attrdef'::regclass AND d.objid IN (SELECT a.oid FROM pg_attrdef a JOIN rel ON rel.oid = a.adrelid) OR
      d.classid = 'pg_rewrite'::regclass AND d.objid IN (SELECT r.oid FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class) OR
      d.classid = 'pg_constraint'::regclass AND d.objid IN (SELECT c.oid FROM pg_constraint c JOIN ns ON ns.oid = c.connamespace)))))`;

export const extensions: Piece = `
SELECT ${entry('pg_extension', 'e.oid')}, 'extension', '', e.extname, '', '',
  format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', e.extname, n.nspname), ''
FROM wanted e JOIN pg_namespace n ON n.oid = e.extnamespace`;
