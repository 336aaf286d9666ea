import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { sqliteCodec } from '../../src/engines/sqlite/codec.ts';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { status } from '../../src/operations/status.ts';
import type { TestProject as Project } from '../support/project.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const TRIGGER = { trigger: 'test' };
const SUM = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

interface Tool {
  /** The tables as the tool itself makes them. */
  readonly make: string;
  /** What it notes of its first migration; its second one is noted by `second`. */
  readonly first: string;
  readonly second: string;
  /** How many migrations it believes to have run. */
  readonly ran: string;
}

const tool = (table: string, make: string, first: string, second: string): Tool => ({
  make,
  first: first === '' ? '' : `INSERT INTO "${table}" ${first};`,
  second: `INSERT INTO "${table}" ${second};`,
  ran: `SELECT count(*) FROM "${table}"`,
});

const FLYWAY =
  '(installed_rank, version, description, type, script, checksum, installed_by, installed_on, execution_time, success)';

const TOOLS: Record<string, Tool> = {
  Drizzle: tool(
    '__drizzle_migrations',
    'CREATE TABLE IF NOT EXISTS "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
    `(hash, created_at) VALUES ('${SUM}', 1700000000000)`,
    `(hash, created_at) VALUES ('0${SUM.slice(1)}', 1700000000001)`,
  ),
  Prisma: tool(
    '_prisma_migrations',
    `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
      "id"                    TEXT PRIMARY KEY NOT NULL,
      "checksum"              TEXT NOT NULL,
      "finished_at"           DATETIME,
      "migration_name"        TEXT NOT NULL,
      "logs"                  TEXT,
      "rolled_back_at"        DATETIME,
      "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
      "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
    )`,
    `(id, checksum, migration_name) VALUES ('8c3b9f4e-1111-4a2b-9c3d-000000000001', '${SUM}', '20240101_init')`,
    `(id, checksum, migration_name) VALUES ('8c3b9f4e-1111-4a2b-9c3d-000000000002', '${SUM}', '20240201_more')`,
  ),
  Kysely: tool(
    'kysely_migration',
    `CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
     CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
     INSERT INTO kysely_migration_lock VALUES ('migration_lock', 0)`,
    "VALUES ('001', '2024-01-01T00:00:00.000Z')",
    "VALUES ('002', '2024-02-01T00:00:00.000Z')",
  ),
  Knex: tool(
    'knex_migrations',
    `CREATE TABLE \`knex_migrations\` (\`id\` integer not null primary key autoincrement, \`name\` varchar(255), \`batch\` integer, \`migration_time\` datetime);
     CREATE TABLE \`knex_migrations_lock\` (\`index\` integer not null primary key autoincrement, \`is_locked\` integer);
     INSERT INTO knex_migrations_lock VALUES (1, 0)`,
    "(name, batch) VALUES ('001.js', 1)",
    "(name, batch) VALUES ('002.js', 2)",
  ),
  TypeORM: tool(
    'migrations',
    `CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL);
     CREATE TABLE "typeorm_metadata" ("type" varchar NOT NULL, "database" varchar, "schema" varchar, "table" varchar, "name" varchar, "value" text)`,
    "(timestamp, name) VALUES (1, 'Init1')",
    "(timestamp, name) VALUES (2, 'More2')",
  ),
  'Sequelize and Umzug': tool(
    'SequelizeMeta',
    'CREATE TABLE `SequelizeMeta` (`name` VARCHAR(255) NOT NULL UNIQUE PRIMARY KEY)',
    "VALUES ('001.js')",
    "VALUES ('002.js')",
  ),
  MikroORM: tool(
    'mikro_orm_migrations',
    'create table `mikro_orm_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `executed_at` datetime default current_timestamp)',
    "(name) VALUES ('M1')",
    "(name) VALUES ('M2')",
  ),
  Alembic: {
    make: 'CREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) NOT NULL, \n\tCONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)',
    first: "INSERT INTO alembic_version VALUES ('ae1027a6acf');",
    second: "UPDATE alembic_version SET version_num = 'b52c1f0d3e7';",
    ran: "SELECT iif(version_num = 'b52c1f0d3e7', 2, 1) FROM alembic_version",
  },
  Django: tool(
    'django_migrations',
    `CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" datetime NOT NULL);
     CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL);
     CREATE TABLE "auth_permission" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "content_type_id" integer NOT NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED, "codename" varchar(100) NOT NULL, "name" varchar(255) NOT NULL);
     INSERT INTO django_content_type VALUES (1, 'notes', 'note');
     INSERT INTO auth_permission VALUES (1, 1, 'add_note', 'Can add note')`,
    "(app, name, applied) VALUES ('notes', '0001_initial', '2024-01-01')",
    "(app, name, applied) VALUES ('notes', '0002_more', '2024-02-01')",
  ),
  Rails: tool(
    'schema_migrations',
    `CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
     CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
     INSERT INTO ar_internal_metadata VALUES ('environment', 'production', '2024-01-01', '2024-01-01')`,
    "VALUES ('20240101000000')",
    "VALUES ('20240201000000')",
  ),
  Laravel: tool(
    'migrations',
    'CREATE TABLE "migrations" ("id" integer primary key autoincrement not null, "migration" varchar not null, "batch" integer not null)',
    "(migration, batch) VALUES ('0001_create', 1)",
    "(migration, batch) VALUES ('0002_more', 2)",
  ),
  Flyway: tool(
    'flyway_schema_history',
    `CREATE TABLE "flyway_schema_history" ("installed_rank" INT NOT NULL PRIMARY KEY, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL, "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, "checksum" INT, "installed_by" VARCHAR(100) NOT NULL, "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), "execution_time" INT NOT NULL, "success" BOOLEAN NOT NULL)`,
    `${FLYWAY} VALUES (1, '1', 'init', 'SQL', 'V1__init.sql', 7, '', '', 3, 1)`,
    `${FLYWAY} VALUES (2, '2', 'more', 'SQL', 'V2__more.sql', 8, '', '', 3, 1)`,
  ),
  Liquibase: tool(
    'DATABASECHANGELOG',
    `CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TEXT NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10));
     CREATE TABLE DATABASECHANGELOGLOCK (ID INT NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED TEXT, LOCKEDBY VARCHAR(255), CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID));
     INSERT INTO DATABASECHANGELOGLOCK VALUES (1, 0, NULL, NULL)`,
    "(ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, EXECTYPE) VALUES ('1', 'me', 'a.xml', '2024', 1, 'EXECUTED')",
    "(ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, EXECTYPE) VALUES ('2', 'me', 'a.xml', '2024', 2, 'EXECUTED')",
  ),
  goose: tool(
    'goose_db_version',
    `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
    '(version_id, is_applied) VALUES (1, 1)',
    '(version_id, is_applied) VALUES (2, 1)',
  ),
  dbmate: tool(
    'schema_migrations',
    'CREATE TABLE IF NOT EXISTS "schema_migrations" (version varchar(128) primary key)',
    "VALUES ('1')",
    "VALUES ('2')",
  ),
  'golang-migrate': {
    make: 'CREATE TABLE schema_migrations (version uint64,dirty bool); CREATE UNIQUE INDEX version_unique ON schema_migrations (version)',
    first: 'INSERT INTO schema_migrations VALUES (1, 0);',
    second: 'UPDATE schema_migrations SET version = 2;',
    ran: 'SELECT version FROM schema_migrations',
  },
  sqlx: tool(
    '_sqlx_migrations',
    'CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)',
    "(version, description, success, checksum, execution_time) VALUES (1, 'init', 1, x'00', 5)",
    "(version, description, success, checksum, execution_time) VALUES (2, 'more', 1, x'01', 5)",
  ),
  refinery: tool(
    'refinery_schema_history',
    'CREATE TABLE refinery_schema_history(version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))',
    "VALUES (1, 'init', '2024', '9876543210')",
    "VALUES (2, 'more', '2024', '1234567890')",
  ),
  'node-pg-migrate': tool(
    'pgmigrations',
    'CREATE TABLE pgmigrations (id INTEGER PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)',
    "VALUES (1, 'init', '2024')",
    "VALUES (2, 'more', '2024')",
  ),
  'EF Core': tool(
    '__EFMigrationsHistory',
    `CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY, "ProductVersion" TEXT NOT NULL);
     CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL)`,
    "VALUES ('1_Init', '9.0.0')",
    "VALUES ('2_More', '9.0.0')",
  ),
  Diesel: tool(
    '__diesel_schema_migrations',
    'CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)',
    "(version) VALUES ('1')",
    "(version) VALUES ('2')",
  ),
  PocketBase: tool(
    '_migrations',
    `CREATE TABLE \`_migrations\` (file VARCHAR(255) PRIMARY KEY NOT NULL, applied INTEGER NOT NULL);
     CREATE TABLE {{_collections}} ([[id]] TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL, [[system]] BOOLEAN DEFAULT FALSE NOT NULL, [[type]] TEXT DEFAULT "base" NOT NULL, [[name]] TEXT UNIQUE NOT NULL, [[fields]] JSON DEFAULT "[]" NOT NULL, [[indexes]] JSON DEFAULT "[]" NOT NULL, [[listRule]] TEXT DEFAULT NULL, [[viewRule]] TEXT DEFAULT NULL, [[createRule]] TEXT DEFAULT NULL, [[updateRule]] TEXT DEFAULT NULL, [[deleteRule]] TEXT DEFAULT NULL, [[options]] JSON DEFAULT "{}" NOT NULL, [[created]] TEXT DEFAULT '' NOT NULL, [[updated]] TEXT DEFAULT '' NOT NULL);
     CREATE TABLE \`_params\` (\`id\` TEXT PRIMARY KEY NOT NULL, \`value\` JSON DEFAULT NULL, \`created\` TEXT DEFAULT '' NOT NULL, \`updated\` TEXT DEFAULT '' NOT NULL);
     INSERT INTO _collections(id, name) VALUES ('c1', 'notes'); INSERT INTO _params(id, value) VALUES ('settings', '{"meta":{}}')`
      .replaceAll('{{', '`')
      .replaceAll('}}', '`')
      .replaceAll('[[', '`')
      .replaceAll(']]', '`'),
    "VALUES ('1.js', 1)",
    "VALUES ('2.js', 2)",
  ),
};

const NOTES = 'CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT)';
const MORE = 'ALTER TABLE notes ADD COLUMN starred INTEGER DEFAULT 0';

function change(db: string, sql: string): void {
  const open = new Database(db);
  open.exec(sql);
  open.close();
}

function one(db: string, sql: string): unknown {
  const open = new Database(db, { readonly: true });
  try {
    return open.prepare(sql).pluck().get();
  } finally {
    open.close();
  }
}

/** A project whose newest backup has two notes, and whose file is gone since. */
async function lostNotes({ make, first }: Tool): Promise<Project> {
  const folder = scratch();
  const project = projectIn(folder, { db: `${folder}/old.db` });
  change(project.db, `${make}; ${NOTES}; ${first} INSERT INTO notes(text) VALUES ('one'), ('two')`);
  const { rows, suspects } = await backup(project, TRIGGER);
  expect({ rows, suspects }).toEqual({ rows: 2, suspects: undefined });
  return projectIn(folder);
}

describe.each(Object.entries(TOOLS))('%s', (_name, tool) => {
  test('migrated and then booted, an empty database is restored', async () => {
    const project = await lostNotes(tool);
    change(project.db, `${tool.make}; ${NOTES}; ${tool.first}`);
    expect((await status(project)).boot).toMatch(/^restore /);
    await expect(autoRestore(project)).resolves.toMatchObject({ restored: true, rows: 2 });
    expect(one(project.db, 'SELECT count(*) FROM notes')).toBe(2);
    expect(one(project.db, tool.ran)).toBe(1);
  });

  test('migrated further than the backup, it keeps its tables, and what the tool knows of them', async () => {
    const project = await lostNotes(tool);
    change(project.db, `${tool.make}; ${NOTES}; ${tool.first} ${MORE}; ${tool.second}`);
    await expect(autoRestore(project)).resolves.toMatchObject({ restored: true, rows: 2 });
    expect(one(project.db, 'SELECT group_concat(text || starred) FROM notes')).toBe('one0,two0');
    expect(one(project.db, tool.ran)).toBe(2);
    await expect(autoRestore(project)).resolves.toMatchObject({ restored: false });
  });

  test('a database that lost all but what the tool keeps is not backed up', async () => {
    const project = await lostNotes(tool);
    change(project.db, `${tool.make}; ${NOTES}; ${tool.first}`);
    await expect(backup(project, TRIGGER)).rejects.toMatchObject({ code: 'BACKUP_EMPTY' });
  });
});

test('rows that point to what a migration makes anew find it as it was', async () => {
  const { make = '', first = '', second = '', ran = '' } = TOOLS.Django ?? {};
  const project = await lostNotes({
    make,
    first: `${first} INSERT INTO auth_permission VALUES (2, 1, 'own', 'x');`,
    second,
    ran,
  });
  const shifted = make.replace("VALUES (1, 1, 'add_note'", "VALUES (2, 1, 'add_note'");
  change(project.db, `${shifted}; ${NOTES}; ${first} ${MORE}`);
  await autoRestore(project);
  expect(one(project.db, 'SELECT group_concat(id || codename) FROM auth_permission')).toBe('1add_note,2own');
});

test('it is said that newer migrations did not see the rows that came back', async () => {
  const { make = '', first = '', second = '', ran = '' } = TOOLS.Knex ?? {};
  const project = await lostNotes({ make, first, second, ran });
  change(project.db, `${make}; ${NOTES}; ${first} ${MORE}; ${second}`);
  const result = await autoRestore(project);
  expect(result.restored && result.warnings).toContainEqual(expect.stringContaining('migrations that ran after'));
});

test("a table of one's own that is called like a tool's, and is none, holds data", async () => {
  const project = projectIn(scratch());
  change(
    project.db,
    "CREATE TABLE migrations(id INTEGER PRIMARY KEY, bird, bound_for); INSERT INTO migrations VALUES (1, 'swallow', 'Africa')",
  );
  await expect(backup(project, TRIGGER)).resolves.toMatchObject({ rows: 1, tables: 1 });
  await expect(autoRestore(project)).resolves.toMatchObject({ restored: false });
  const isNone = (sql: string) =>
    sqliteCodec.bookkeepingOf({ type: 'table', name: 'schema_migrations', table: 'schema_migrations', sql }) ===
    undefined;
  expect(isNone('CREATE TABLE schema_migrations(version, comment)')).toBe(true);
  expect(isNone('CREATE TABLE schema_migrations(dirty)')).toBe(true);
  expect(
    isNone('CREATE TABLE schema_migrations("version" TEXT, CHECK (version <> \'a, b\'), PRIMARY KEY (version))'),
  ).toBe(false);
});

describe('full-text and spatial rows over tables that migrations made', () => {
  const booted = async (before: string, after: string) => {
    const folder = scratch();
    const old = projectIn(folder, { db: `${folder}/old.db` });
    change(old.db, before);
    await backup(old, TRIGGER);
    const project = projectIn(folder);
    change(project.db, after);
    return { project, result: await autoRestore(project) };
  };
  const FTS = 'CREATE VIRTUAL TABLE docs USING fts5(body); CREATE VIRTUAL TABLE places USING rtree(id, a, b)';

  test('come back with the others', async () => {
    const { project, result } = await booted(
      `${FTS}; ${NOTES}; INSERT INTO docs VALUES ('ada'), ('bob'); INSERT INTO places VALUES (7, 1, 2); INSERT INTO notes VALUES (1, 'x')`,
      `${FTS}; ${NOTES}; ${MORE}`,
    );
    expect(result).toMatchObject({ restored: true, rows: 4, warnings: [] });
    expect(one(project.db, "SELECT rowid FROM docs WHERE docs MATCH 'bob'")).toBe(2);
    expect(one(project.db, 'SELECT id FROM places WHERE a > 0.5')).toBe(7);
  });

  test('are refused, and nothing is lost, where the table is another now', async () => {
    const made = booted(
      `${FTS}; ${NOTES}; INSERT INTO docs VALUES ('ada')`,
      `CREATE VIRTUAL TABLE docs USING fts5(body, title); ${NOTES}`,
    );
    await expect(made).rejects.toMatchObject({ code: 'TABLE_GONE', message: expect.stringContaining("'docs'") });
  });
});
