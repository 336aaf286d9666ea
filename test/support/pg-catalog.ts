import type { TestDatabase } from './postgres.ts';

/** What `pg_dump` does not say, because it follows from something else: every column, constraint, index and trigger, by name, as the catalog has it. */
export function catalogOf(database: TestDatabase): string {
  return database.psql(`SET search_path = '';
SELECT 'column', attrelid::regclass, attname, atttypid::regtype, atttypmod, attnotnull, atthasdef, attidentity, attgenerated, attislocal, attinhcount, attstorage,
  attcompression, attstattarget, attcollation::regcollation, attoptions, attacl FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped
  AND attrelid::regclass::text !~ '^pg_toast' ORDER BY attrelid::regclass::text, attnum;
SELECT 'constraint', conrelid::regclass, contypid::regtype, conname, contype, condeferrable, condeferred, convalidated, conislocal, coninhcount,
  conindid::regclass, confrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE oid >= 16384
  -- Those that a key to or of a whole makes for its parts.
  AND NOT (contype = 'f' AND conparentid <> 0) ORDER BY conrelid::regclass::text, contypid::regtype::text, conname;
SELECT 'index', indexrelid::regclass, indisunique, indisprimary, indisvalid, indisclustered, indisreplident, indoption, pg_get_indexdef(indexrelid)
  FROM pg_index WHERE indexrelid >= 16384 AND indexrelid::regclass::text !~ '^pg_toast' ORDER BY indexrelid::regclass::text;
SELECT 'trigger', tgrelid::regclass, tgname, tgenabled, tgdeferrable, tginitdeferred, pg_get_triggerdef(oid) FROM pg_trigger
  WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text, tgname;
SELECT 'relation', oid::regclass, relkind, relpersistence, relreplident, relrowsecurity, relforcerowsecurity, relispartition, relispopulated, reloptions
  FROM pg_class WHERE oid >= 16384 AND oid::regclass::text !~ '^pg_toast' ORDER BY oid::regclass::text;
SELECT 'function', oid::regprocedure, prokind, provolatile, proparallel, procost, prosecdef, proleakproof, proisstrict, proconfig, prosrc FROM pg_proc
  WHERE oid >= 16384 AND probin IS NULL ORDER BY oid::regprocedure::text;`);
}
