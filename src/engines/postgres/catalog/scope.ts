import { literal } from '../names.ts';

/**
 * Schemas that hosts and extensions keep for themselves. They are there before anybody restores, and are none of the user's to make: so
 * they are left alone, unless somebody asks for one by name.
 */
export const HOSTS_OWN: readonly string[] = [
  'auth',
  'cron',
  'extensions',
  'graphql',
  'graphql_public',
  'net',
  'neon',
  'neon_auth',
  'neon_control_plane',
  'pgbouncer',
  'pgmq_public',
  'pgsodium',
  'pgsodium_masks',
  'pgtle',
  'realtime',
  'repack',
  'storage',
  'supabase_functions',
  'supabase_migrations',
  'tiger',
  'tiger_data',
  'topology',
  'vault',
];

/** Which schemas a backup is of, and whether it says who may do what. */
export interface Scope {
  /** Of the hosts' own, those that are asked for by name. */
  readonly besides?: readonly string[];
  /** Default: yes. */
  readonly grants?: boolean;
}

/** The schemas of the user's own, as a condition over `pg_namespace n`. */
function isUsers({ besides = [] }: Scope): string {
  const others = HOSTS_OWN.filter((name) => !besides.includes(name));
  return `n.nspname !~ '^(pg_|_timescaledb|overwinter_)' AND n.nspname <> 'information_schema' AND n.nspname NOT IN (${others.map(literal).join(', ')})`;
}

/**
 * What every question here begins with: the user's schemas, relations, types and functions, without what belongs to an extension or is made with
 * a range type by itself.
 */
export const scopeSql = (scope: Scope): string => `
ext AS MATERIALIZED (SELECT classid, objid FROM pg_depend
  WHERE deptype = 'e' OR deptype = 'i' AND classid IN ('pg_proc'::regclass, 'pg_cast'::regclass)),
ns AS MATERIALIZED (
  SELECT n.oid, n.nspname, n.nspowner, n.nspacl, quote_ident(n.nspname) AS q FROM pg_namespace n
  WHERE ${isUsers(scope)} AND (${inExtension('pg_namespace', 'n.oid')}) IS NOT TRUE),
rel AS MATERIALIZED (
  SELECT c.*, ns.nspname, c.oid::regclass::text AS q FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
  WHERE (${inExtension('pg_class', 'c.oid')}) IS NOT TRUE),
typ AS MATERIALIZED (
  SELECT t.*, ns.nspname, format('%I.%I', ns.nspname, t.typname) AS q FROM pg_type t JOIN ns ON ns.oid = t.typnamespace
  WHERE (${inExtension('pg_type', 't.oid')}) IS NOT TRUE),
fun AS MATERIALIZED (
  SELECT p.*, ns.nspname, format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS called,
    p.oid::regprocedure::text AS q
  FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace WHERE (${inExtension('pg_proc', 'p.oid')}) IS NOT TRUE)`;

const inExtension = (catalog: string, oid: string) =>
  `EXISTS (SELECT FROM ext WHERE ext.classid = '${catalog}'::regclass AND ext.objid = ${oid})`;
