import { relative } from 'node:path';
import { startedBy } from '../../project/package-manager.ts';
import type { Note } from './plan.ts';
import type { ProjectFacts, Wishes } from './project-facts.ts';

interface Way {
  /** The packages that tell that an app opens its database so. */
  readonly packages: readonly string[];
  readonly note: (target: string) => Note;
}

const RESTORES = "They open the database, and restore it first if it's gone:";

const plain: Way = {
  packages: ['better-sqlite3'],
  note: (target) => ({
    text: `Two lines bring the data back when the app starts. ${RESTORES}`,
    lines: ["import { openDatabase } from 'overwinter';", `const db = await openDatabase(${quoted(target)});`],
  }),
};

const drizzle: Way = {
  packages: ['drizzle-orm'],
  note: (target) => ({
    text: `Two lines bring the data back when the app starts, before the migrations run. ${RESTORES}`,
    lines: [
      "import { openDatabase } from 'overwinter';",
      `const db = drizzle({ client: await openDatabase(${quoted(target)}) });`,
    ],
  }),
};

const kysely: Way = {
  packages: ['kysely'],
  note: (target) => ({
    text: `Two lines bring the data back when the app starts, before the migrations run. ${RESTORES}`,
    lines: [
      "import { openDatabase } from 'overwinter';",
      `const dialect = new SqliteDialect({ database: await openDatabase(${quoted(target)}) });`,
    ],
  }),
};

const prisma: Way = {
  packages: ['prisma', '@prisma/client'],
  note: (target) => ({
    text: 'This brings the data back when the app starts, before the migrations run; as the start script in package.json:',
    lines: [`overwinter auto-restore --db ${target} && prisma migrate deploy && node server.js`],
  }),
};

const opensItself: Way = {
  packages: ['typeorm', 'knex', 'sequelize', '@mikro-orm/core', '@libsql/client', 'sqlite3', 'sqlite'],
  note: (target) => ({
    text: 'Two lines bring the data back when the app starts. They stand before anything opens the database:',
    lines: ["import { autoRestore } from 'overwinter';", `await autoRestore({ db: ${quoted(target)} });`],
  }),
};

const WAYS = [prisma, drizzle, kysely, opensItself, plain];

/** What an app needs at its start, so that a forgotten database comes back, in the words of what it uses. */
export function startLines(
  { root, manifests, start, manager }: ProjectFacts,
  { db, file, isSqlite, others }: Wishes,
  variable?: string,
): Note[] {
  // Production may say otherwise than the machine on which this is written down.
  const here = file === undefined || !isSqlite ? db : relative(root, file.path).replaceAll('\\', '/');
  const target = variable === undefined ? here : `env:${variable}`;
  const uses = (name: string) => manifests.some(({ dependencies }) => dependencies.has(name));
  const found = WAYS.find(({ packages }) => packages.some(uses));
  // Nothing else is opened by us.
  const isOverAnother = isSqlite ? isOrm(found) && !uses('better-sqlite3') : found !== prisma;
  const inCode = (isOverAnother ? opensItself : (found ?? plain)).note(target);
  if (start === undefined)
    return [inCode, { text: 'In any other language, before the app:', lines: [`${startedBy(manager)} auto-restore`] }];
  const inFront = {
    text: 'This starts the app with its data, and saves what it changes:',
    lines: [`${startedBy(manager)} run ${others.length === 0 ? `--db ${target} ` : ''}-- ${start}`],
  };
  return found === undefined ? [inFront] : [inCode, inFront];
}

const isOrm = (way: Way | undefined) => way === drizzle || way === kysely;

const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
