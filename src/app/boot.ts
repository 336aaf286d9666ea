import type { Database } from 'better-sqlite3';
import { TO_LIFT_A_HOLD } from '../core/advice.ts';
import { checkConfig } from '../core/check-config.ts';
import type { BootConfig, Config } from '../core/config.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import { hintText } from '../core/hint.ts';
import { alreadyOpen, opensSqliteOnly } from '../core/problems/database.ts';
import type { AutoRestoreResult } from '../operations/auto-restore.ts';
import { type Logger, printableLogger } from '../project/logger.ts';
import type { OpenedProject } from '../project/open-project.ts';

// Importing the library must cost an app next to nothing, so what does the work is loaded when there is work.

/**
 * What a start of the app may be told: settings, what to do when something is wrong, and where to say so.
 * @example
 * ```ts
 * import { autoRestore, type BootOptions } from 'overwinter';
 * const options: BootOptions = { db: 'data/app.db', from: 'production', logger: console };
 * await autoRestore(options);
 * ```
 */
export interface BootOptions extends Config, BootConfig {
  /** Default: `console`. */
  readonly logger?: Logger;
}

/**
 * * At the start of an app, before it opens its database: restores the newest intact backup if the database is missing or empty.
 * A database with data is never touched. Throws what stops a restore, unless `onFailure` says to start empty; then, and until a
 * restore succeeds, no backup of that database is written.
 * @example
 * ```ts
 * import { autoRestore } from 'overwinter';
 * const result = await autoRestore({ db: 'data/app.db' });
 * console.log(result.restored ? `${result.rows} rows came back` : result.reason);
 * ```
 */
export async function autoRestore(options: BootOptions = {}): Promise<AutoRestoreResult> {
  return (await boot('autoRestore()', options)).result;
}

/**
 * The same, and then opens the database, whose path or target is given. The caller closes it.
 * @example
 * ```ts
 * import { openDatabase } from 'overwinter';
 * const db = await openDatabase('data/app.db');
 * db.exec('create table if not exists notes (text)');
 * db.close();
 * ```
 */
export async function openDatabase(path: string, options: Omit<BootOptions, 'db'> = {}): Promise<Database> {
  const { project, settled } = (await boot('openDatabase()', { ...options, db: path })).opened;
  const { databaseType, name } = project.database.codec;
  if (databaseType !== 'sqlite') throw opensSqliteOnly(name)();
  const [{ openSqliteForApp }, { asFile }] = await Promise.all([
    import('../engines/index.ts'),
    import('../operations/as-file.ts'),
  ]);
  const { prepare } = settled;
  return openSqliteForApp(asFile(project.database).path, {
    wait: project.wait,
    ...(prepare === undefined ? {} : { prepare }),
  });
}

async function boot(
  call: string,
  { logger = console, onCorrupt, onFailure, from, ...config }: BootOptions,
): Promise<{
  opened: OpenedProject;
  result: AutoRestoreResult;
}> {
  await mustBeShut(call, config.db);
  const own = Object.entries({ onCorrupt, onFailure, from }).filter(([, value]) => value !== undefined);
  const flags = checkConfig('the options given', { ...config, boot: { ...config.boot, ...Object.fromEntries(own) } });
  const [{ openProject }, { autoRestore: restoreIfEmpty }] = await Promise.all([
    import('../project/open-project.ts'),
    import('../operations/auto-restore.ts'),
  ]);
  const opened = await openProject({ cwd: process.cwd(), env: process.env, now: () => new Date() }, flags);
  const { project, root, settled } = opened;
  const restoring = withAlarms(settled.notify, { project, root }, () => restoreIfEmpty(project)).finally(() =>
    project.database.close(),
  );
  const result = await restoring.catch(async (error: unknown) => {
    const { namedCommands, withNamedCommands } = await import('../project/named-commands.ts');
    const { configFile } = opened;
    const name = namedCommands({
      dir: flags.dir,
      cwd: process.cwd(),
      folder: project.store.path,
      configFile,
      root,
      isNoFile: project.database.file === undefined,
    });
    throw withNamedCommands(error, name);
  });
  await tell(result, opened.project.database.label, printableLogger(logger));
  return { opened, result };
}

/** Most apps have nobody to tell, and load nothing for it. */
async function withAlarms(
  notify: readonly string[],
  about: Pick<OpenedProject, 'project' | 'root'>,
  work: () => Promise<AutoRestoreResult>,
): Promise<AutoRestoreResult> {
  if (notify.length === 0) return work();
  const { alarmsOf, toldBoot } = await import('../notify/open-alarms.ts');
  return toldBoot(await alarmsOf(notify, about.project, process.env), about, work);
}

/**
 * A restore puts another file in the place of the one that is open. A call that would fail on the day it is needed is to fail on the
 * first. Throws USAGE.
 */
async function mustBeShut(call: string, db: unknown): Promise<void> {
  if (db === undefined || typeof db === 'string') return;
  const { inHand } = await import('../project/database-in-hand.ts');
  throw alreadyOpen(call, await inHand(db, call).target())();
}

const withFiles = ({ files }: Pick<AutoRestoreResult, 'files'>) =>
  files === undefined ? '' : ` and ${files.added + files.replaced} files`;

async function tell(result: AutoRestoreResult, db: string, logger: Logger): Promise<void> {
  if (result.restored) {
    const { restoredInWords } = await import('../operations/restored-words.ts');
    for (const note of [...restoredInWords(result).map(hintText), ...result.notes, ...result.warnings])
      logger.warn(`overwinter: ${note}`);
    if (result.setAside !== undefined)
      logger.warn(`overwinter: what was there could not be read; it is kept as ${result.setAside}`);
    logger.info(
      `overwinter: ${result.reason}: ${result.rows} ${result.rows === 1 ? 'row' : 'rows'}${withFiles(result)} restored from ${result.name} of ${result.environment} (${result.date}) into ${db}`,
    );
  } else if (result.failure !== undefined) {
    const hint = result.failure instanceof OverwinterError ? ` ${result.failure.hint}` : '';
    logger.error(
      `overwinter: the app starts without its data, and no backup is written until a restore succeeds: ${reasonOf(result.failure)}${hint}`,
    );
  } else if (result.files !== undefined) {
    const { added, name } = result.files;
    logger.info(`overwinter: ${db} has its rows, and ${added} files beside it came back from ${name}`);
  } else if (result.hold?.madeFor !== undefined) {
    logger.info(`overwinter: no backup of ${db} is written, because ${result.hold.reason}`);
  } else if (result.hold !== undefined) {
    logger.warn(
      `overwinter: no backup of ${db} is written, because restoring it failed on ${result.hold.time}: ${result.hold.reason} ${hintText(TO_LIFT_A_HOLD)}`,
    );
  }
}
