import { literal } from '../names.ts';
import type { Piece } from './piece.ts';
import { HOSTS_OWN } from './scope.ts';

const notInExtension = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM ext WHERE ext.classid = '${catalog}'::regclass AND ext.objid = ${oid})`;

/** What was there before any user came has a smaller number than this. */
const USERS = 16384;

const inSchema = (catalog: string, kind: string, name: string, schema: string, more = 'true') => `
SELECT '${kind} ' || format('%I.%I', ns.nspname, o.${name}) FROM ${catalog} o JOIN ns ON ns.oid = o.${schema}
WHERE ${notInExtension(catalog, 'o.oid')} AND ${more}`;

/** What rows or definitions may need, and what is not made again: a backup without it would not be whole. */
export const refused: Piece = [
  `SELECT 'the aggregate ' || q FROM fun WHERE prokind = 'a'`,
  `SELECT format('the function %s in the language %s', fun.q, l.lanname) FROM fun JOIN pg_language l ON l.oid = fun.prolang
   WHERE l.lanname IN ('c', 'internal') AND fun.prokind <> 'a'`,
  `SELECT 'the foreign table ' || q FROM rel WHERE relkind = 'f'`,
  `SELECT 'the base type ' || t.q FROM typ t WHERE t.typtype IN ('b', 'p') AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)`,
  inSchema('pg_operator', 'the operator', 'oprname', 'oprnamespace'),
  inSchema('pg_opclass', 'the operator class', 'opcname', 'opcnamespace'),
  inSchema('pg_opfamily', 'the operator family', 'opfname', 'opfnamespace'),
  inSchema('pg_conversion', 'the conversion', 'conname', 'connamespace'),
  inSchema('pg_ts_parser', 'the text search parser', 'prsname', 'prsnamespace'),
  inSchema('pg_ts_template', 'the text search template', 'tmplname', 'tmplnamespace'),
  `SELECT format('the cast of %s to %s', castsource::regtype, casttarget::regtype) FROM pg_cast c
   WHERE c.oid >= ${USERS} AND ${notInExtension('pg_cast', 'c.oid')}`,
  `SELECT format('the transform of %s', trftype::regtype) FROM pg_transform t WHERE ${notInExtension('pg_transform', 't.oid')}`,
  `SELECT 'the language ' || quote_ident(lanname) FROM pg_language l WHERE l.oid >= ${USERS} AND ${notInExtension('pg_language', 'l.oid')}`,
].join('\nUNION ALL\n');

const hosts = `n.nspname IN (${HOSTS_OWN.map(literal).join(', ')}) AND n.oid NOT IN (SELECT oid FROM ns)`;

/** What is left where it is, and what no row needs. */
export const leftAlone: Piece = [
  `SELECT 'event trigger ' || quote_ident(evtname) FROM pg_event_trigger e WHERE ${notInExtension('pg_event_trigger', 'e.oid')}`,
  `SELECT 'publication ' || quote_ident(pubname) FROM pg_publication`,
  `SELECT 'subscription ' || quote_ident(subname) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  `SELECT 'foreign server ' || quote_ident(srvname) FROM pg_foreign_server s WHERE ${notInExtension('pg_foreign_server', 's.oid')}`,
  `SELECT format('security label on %s %s', i.type, i.identity) FROM pg_seclabel s, LATERAL pg_identify_object(s.classoid, s.objoid, s.objsubid) i
   WHERE s.classoid = 'pg_class'::regclass AND s.objoid IN (SELECT oid FROM rel)`,
  `SELECT format('privileges by default in schema %I', n.nspname) FROM pg_default_acl d JOIN ns n ON n.oid = d.defaclnamespace GROUP BY n.nspname`,
  `SELECT format('tablespace of %s', q) FROM rel WHERE reltablespace <> 0`,
  `SELECT 'index ' || rel.q || ', which was never finished' FROM rel JOIN pg_index i ON i.indexrelid = rel.oid WHERE rel.relkind = 'i' AND NOT i.indisvalid`,
  `SELECT 'setting of this database ' || split_part(s, '=', 1) FROM pg_db_role_setting r, unnest(r.setconfig) s
   WHERE r.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND r.setrole = 0`,
  `SELECT format('trigger %I on %I.%I', t.tgname, n.nspname, c.relname) FROM pg_trigger t JOIN fun ON fun.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
   JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND ${hosts}`,
  `SELECT format('policy %I on %I.%I', p.polname, n.nspname, c.relname) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
   JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${hosts}`,
].join('\nUNION ALL\n');
