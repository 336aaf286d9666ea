import { expect, test } from 'vitest';
import { mustDefine } from '../../../src/engines/postgres/restore/definition.ts';

const passes = (type: string, sql: string) => {
  try {
    mustDefine({ type, name: 'x', table: 't', sql });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'RESTORE_INEXACT' });
    return false;
  }
};

test.each([
  [
    'table',
    'CREATE TABLE public.t (id integer DEFAULT 1, "as" text, "a;b" text, g text GENERATED ALWAYS AS (lower(x)) STORED) WITH (fillfactor=\'70\')',
  ],
  ['enum', "CREATE TYPE t AS ENUM ('a;b', 'it''s')"],
  [
    'function',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $function$ BEGIN DROP TABLE x; END; $function$',
  ],
  [
    'function',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END',
  ],
  ['rule', 'CREATE RULE r AS ON INSERT TO t DO INSTEAD ( INSERT INTO a VALUES (1); DELETE FROM b; )'],
  ['grant', 'GRANT SELECT ON TABLE t TO somebody WITH GRANT OPTION'],
  ['default', 'ALTER TABLE ONLY t ALTER COLUMN a DROP DEFAULT'],
  ['comment', "COMMENT ON TABLE t IS 'DROP TABLE x; --'"],
  ['alter', 'ALTER SEQUENCE s OWNED BY t.id'],
])('a %s is one where it says so: %s', (type, sql) => {
  expect(passes(type, sql)).toBe(true);
});

test.each([
  ['table', 'CREATE TABLE t (id int); DROP TABLE users'],
  ['table', 'CREATE TABLE t (id int) -- ;\n; DROP TABLE users'],
  ['table', "CREATE TABLE t AS SELECT pg_read_file('/etc/passwd')"],
  ['table', 'CREATE TABLE t (a) AS EXECUTE something'],
  ['table', 'CREATE TEMP TABLE t (id int)'],
  ['table', 'DROP TABLE users'],
  ['table', 'CREATE TABLE t (id int'],
  ['table', "CREATE TABLE t (id int DEFAULT 'x"],
  ['view', "COPY t TO PROGRAM 'sh'"],
  ['view', 'CREATE VIEW v AS SELECT 1; COMMIT'],
  ['enum', "CREATE TYPE t AS ENUM ('a'); COMMIT"],
  ['function', 'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END; DROP TABLE x'],
  [
    'function',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT begin FROM t; END; DROP TABLE x; SELECT 1',
  ],
  [
    'function',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END; BEGIN ATOMIC DROP TABLE x; END',
  ],
  ['function', "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS ''; DROP TABLE x"],
  ['function', 'DO $$ BEGIN DROP TABLE x; END $$'],
  ['grant', 'GRANT postgres TO app'],
  ['grant', 'GRANT postgres TO app, "ON"'],
  ['alter', 'ALTER TABLE t OWNER TO evil'],
  ['alter', 'ALTER ROLE app SUPERUSER'],
  ['setting', 'ALTER TABLE t DROP COLUMN a'],
  ['constraint', 'ALTER TABLE t ADD CONSTRAINT c CHECK (true), DROP COLUMN a'],
  ['extension', 'CREATE EXTENSION x; DROP TABLE y'],
  ['comment', "COMMENT ON TABLE t IS 'x'; DROP TABLE y"],
  ['trigger', 'CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION f()'],
  ['aggregate', 'CREATE AGGREGATE a (int) (sfunc = f, stype = int)'],
])('a %s is none where it says something else: %s', (type, sql) => {
  expect(passes(type, sql)).toBe(false);
});
