/**
 * What a tool for migrations keeps about its own work. `ledger`: what it did, which belongs to the tables as they are. `made`: rows
 * that every migration makes anew and that the user's rows may point to.
 */
export type Bookkeeping = 'ledger' | 'made';

interface Known {
  readonly kind: Bookkeeping;
  readonly columns: readonly string[];
  /** Columns that not every version has. */
  readonly maybe: readonly string[];
}

const words = (text: string) => text.toLowerCase().split(' ').filter(Boolean);

const known = (columns: string, maybe = '', kind: Bookkeeping = 'ledger'): Known => ({
  kind,
  columns: words(columns),
  maybe: words(maybe),
});

/** Tables by their names in small letters, and what they look like: many tools use the same name. */
const KNOWN: ReadonlyMap<string, readonly Known[]> = new Map([
  // Drizzle
  ['__drizzle_migrations', [known('id hash created_at', 'name applied_at')]],
  // Prisma
  [
    '_prisma_migrations',
    [known('id checksum finished_at migration_name logs rolled_back_at started_at applied_steps_count')],
  ],
  // Kysely
  ['kysely_migration', [known('name timestamp')]],
  ['kysely_migration_lock', [known('id is_locked')]],
  // Knex, and what is built on it
  ['knex_migrations', [known('id name batch migration_time')]],
  ['knex_migrations_lock', [known('index is_locked')]],
  // TypeORM; Laravel
  ['migrations', [known('id timestamp name'), known('id migration batch')]],
  ['typeorm_metadata', [known('type database schema table name value')]],
  // Sequelize and Umzug
  ['sequelizemeta', [known('name', 'createdAt updatedAt')]],
  ['sequelizedata', [known('name', 'createdAt updatedAt')]],
  // MikroORM
  ['mikro_orm_migrations', [known('id name executed_at')]],
  // Alembic
  ['alembic_version', [known('version_num')]],
  // Django
  ['django_migrations', [known('id app name applied')]],
  ['django_content_type', [known('id app_label model', 'name', 'made')]],
  ['auth_permission', [known('id content_type_id codename name', '', 'made')]],
  // Rails, dbmate; golang-migrate; Ecto
  ['schema_migrations', [known('version'), known('version dirty'), known('version inserted_at')]],
  ['ar_internal_metadata', [known('key value created_at updated_at')]],
  // Flyway
  [
    'flyway_schema_history',
    [known('installed_rank version description type script checksum installed_by installed_on execution_time success')],
  ],
  // Liquibase
  [
    'databasechangelog',
    [
      known(
        'id author filename dateexecuted orderexecuted exectype md5sum description comments tag liquibase',
        'contexts labels deployment_id',
      ),
    ],
  ],
  ['databasechangeloglock', [known('id locked lockgranted lockedby')]],
  // goose
  ['goose_db_version', [known('id version_id is_applied tstamp')]],
  // sqlx
  ['_sqlx_migrations', [known('version description installed_on success checksum execution_time')]],
  // refinery
  ['refinery_schema_history', [known('version name applied_on checksum')]],
  // node-pg-migrate
  ['pgmigrations', [known('id name run_on')]],
  // Entity Framework Core
  ['__efmigrationshistory', [known('MigrationId ProductVersion')]],
  ['__efmigrationslock', [known('Id Timestamp')]],
  // Diesel
  ['__diesel_schema_migrations', [known('version run_on')]],
  // Cloudflare D1
  ['d1_migrations', [known('id name applied_at')]],
  // PocketBase
  ['_migrations', [known('file applied')]],
  [
    '_collections',
    [
      known(
        'id system type name indexes listRule viewRule createRule updateRule deleteRule options created updated',
        'schema fields',
      ),
    ],
  ],
  ['_params', [known('id value created updated', 'key', 'made')]],
]);

/** What a table is to a tool for migrations: told by its name and its columns, because anybody may call a table `migrations`. */
export function bookkeepingOf(table: string, columnsOf: () => readonly string[]): Bookkeeping | undefined {
  const shapes = KNOWN.get(table.toLowerCase());
  if (shapes === undefined) return undefined;
  const columns = columnsOf().map((column) => column.toLowerCase());
  return shapes.find(
    (shape) =>
      shape.columns.every((column) => columns.includes(column)) &&
      columns.every((column) => shape.columns.includes(column) || shape.maybe.includes(column)),
  )?.kind;
}
