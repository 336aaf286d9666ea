import { lightValue, type Metric, secondsOf } from '../core/metrics.ts';
import type { Status } from './status.ts';

/** How one database stands. */
export interface Standing {
  /** Its name in the project. */
  readonly database: string;
  readonly status: Status;
}

/** What `status` says, in figures: of each database the lights, the newest backup, the stores and the drill. */
export function metricsOf(all: readonly Standing[]): Metric[] {
  const each = (name: string, help: string, value: (status: Status) => number | undefined): Metric => ({
    name,
    help,
    values: all.map(({ database, status }) => ({ labels: { database }, value: value(status) })),
  });
  const drilled = ({ chain }: Status) => chain.steps.find(({ name }) => name === 'drilled');
  return [
    each('light', 'How safe the data is: 0 green, 1 yellow, 2 red.', ({ light }) => lightValue(light)),
    {
      name: 'step_light',
      help: 'The same of each step from the rows of now to a start elsewhere.',
      values: all.flatMap(({ database, status: { chain } }) =>
        chain.steps.map(({ name, light }) => ({ labels: { database, step: name }, value: lightValue(light) })),
      ),
    },
    each('backups', 'How many backups there are.', ({ backups }) => backups),
    each('last_backup_timestamp_seconds', 'When the newest backup was made.', ({ newest }) =>
      secondsOf(newest?.metadata.backup_date),
    ),
    each('last_backup_age_seconds', 'How long ago that was.', ({ newest }) => newest?.ageSeconds),
    each('last_backup_rows', 'How many rows it has.', ({ newest }) => newest?.metadata.rows),
    each('last_backup_bytes', 'How large its rows are, as they are saved.', ({ newest }) => newest?.metadata.bytes),
    each('database_rows', 'How many rows the database has, where that was looked at.', ({ database }) => database.rows),
    each('database_bytes', 'How large the file of the database is.', ({ database }) => database.bytes),
    each('last_drill_timestamp_seconds', 'When the newest backup was last restored on trial.', (status) =>
      secondsOf(drilled(status)?.date),
    ),
    {
      name: 'store_light',
      help: 'Whether a store has the newest backup: 0 it has, 1 not yet, 2 the last try failed.',
      values: all.flatMap(({ database, status: { stores } }) =>
        stores.map(({ store, light }) => ({ labels: { database, store }, value: lightValue(light) })),
      ),
    },
    {
      name: 'store_last_copy_timestamp_seconds',
      help: 'When the newest backup that a store has was made or brought there.',
      values: all.flatMap(({ database, status: { stores } }) =>
        stores.map(({ store, last }) => ({ labels: { database, store }, value: secondsOf(last?.date) })),
      ),
    },
  ];
}
