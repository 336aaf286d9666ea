/**
 * What the configurations of ORMs and frameworks say of an SQLite database, read as text: running somebody's code to learn a path
 * would be too much. What cannot be read so is not found.
 */
export interface OrmConfig {
  /** Where it may stand, from the project's folder; `*` is one folder. */
  readonly files: readonly string[];
  /** The targets it names, the one for development first. */
  readonly read: (text: string) => readonly string[];
}

const firstOf = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].flatMap(([, ...found]) => found.find(Boolean) ?? []);
const isAbout = (text: string, pattern: RegExp, found: readonly string[]) => (pattern.test(text) ? found : []);
const withExtensions = (name: string, ...extensions: string[]) => extensions.map((extension) => `${name}.${extension}`);

const drizzle: OrmConfig = {
  files: withExtensions('drizzle.config', 'ts', 'js', 'mjs', 'cjs', 'mts', 'json'),
  read: (text) => {
    const literals = firstOf(text, /\burl['"]?\s*:\s*(?:process\.env[^,}'"`]*)?['"`]([^'"`$]+)['"`]/g);
    const variables = firstOf(text, /\burl['"]?\s*:\s*process\.env(?:\.(\w+)|\[['"](\w+)['"]\])/g).map(
      (name) => `env:${name}`,
    );
    return isAbout(text, /['"`](sqlite|turso|better-sqlite|libsql)['"`]/, [...variables, ...literals]);
  },
};

const knex: OrmConfig = {
  files: withExtensions('knexfile', 'js', 'ts', 'mjs', 'cjs'),
  read: (text) => firstOf(text, /\bfilename\s*:\s*['"`]([^'"`$]+)['"`]/g),
};

const typeorm: OrmConfig = {
  files: [
    ...['data-source', 'src/data-source', 'src/database/data-source', 'src/db/data-source'].flatMap((name) =>
      withExtensions(name, 'ts', 'js'),
    ),
    ...withExtensions('ormconfig', 'json', 'js', 'ts'),
  ],
  read: (text) =>
    isAbout(
      text,
      /\btype['"]?\s*:\s*['"`](better-)?sqlite3?['"`]/,
      firstOf(text, /\bdatabase['"]?\s*:\s*['"`]([^'"`$]+)['"`]/g),
    ),
};

const sequelize: OrmConfig = {
  files: withExtensions('config/config', 'json', 'js'),
  read: (text) => firstOf(text, /\bstorage['"]?\s*:\s*['"`]([^'"`$]+)['"`]/g),
};

const django: OrmConfig = {
  files: ['settings.py', '*/settings.py', '*/settings/base.py', 'config/settings.py'],
  read: (text) => {
    const names = firstOf(
      text,
      /['"]ENGINE['"]\s*:\s*['"]django\.db\.backends\.sqlite3['"][^}]*?['"]NAME['"]\s*:\s*([^\n#]+)/g,
    );
    // BASE_DIR / "db.sqlite3", os.path.join(BASE_DIR, "db.sqlite3") or the path alone
    return names.flatMap((name) => firstOf(name, /['"]([^'"]+)['"]/g).join('/') || []);
  },
};

const rails: OrmConfig = {
  files: ['config/database.yml'],
  read: (text) =>
    isAbout(text, /^\s*adapter:\s*sqlite3/m, firstOf(text, /^\s*database:\s*['"]?([^\s'"<]+)['"]?\s*$/gm)),
};

const laravel: OrmConfig = {
  files: ['.env'],
  read: (text) => {
    if (!/^DB_CONNECTION\s*=\s*['"]?sqlite\b/m.test(text)) return [];
    const [named] = firstOf(text, /^DB_DATABASE\s*=\s*['"]?([^\s'"#]+)/gm);
    return [named ?? 'database/database.sqlite'];
  },
};

const alembic: OrmConfig = {
  files: ['alembic.ini'],
  read: (text) => firstOf(text, /^sqlalchemy\.url\s*=\s*(sqlite\S+)/gm),
};

/** Prisma's is read where targets are: its addresses are meant from the folder of the schema. */
export const ORM_CONFIGS: readonly OrmConfig[] = [drizzle, typeorm, knex, sequelize, django, rails, laravel, alembic];
