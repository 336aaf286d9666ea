import type { Reasons } from '../reasons.ts';
import { many } from './count.ts';

/** The library says them in English itself. */
const reasons: Reasons = {};

/** How far the data has come. */
export const now = {
  green: 'Your data is safe',
  yellow: 'Something needs a look',
  red: 'Your data is at risk',
  lightWords: { green: 'Green', yellow: 'Yellow', red: 'Red' },
  steps: {
    saved: 'Saved',
    committed: 'Committed',
    pushed: 'Pushed',
    copied: 'Copied',
    drilled: 'Drilled',
    boots: 'Would boot',
  },
  reasons,
  chain: 'How far the data has come',
  safeUpTo: (time: string) => `Safe up to ${time}`,
  savedUpTo: (time: string) => `Saved up to ${time}`,
  notSavedYet: (rows: number) => `${many(rows, 'row')} not saved yet`,
  notCompared: 'changes since are not saved yet',
  nothingSaved: (rows: number) =>
    `Nothing is saved yet: ${many(rows, 'row')} ${rows === 1 ? 'is' : 'are'} in no backup`,
  isGone: 'The database is gone',
  nothingInIt: 'The database holds no data',
  cannotBeRead: 'The database cannot be read',
  isForDevelopment: 'Made for development; nothing of it is saved',
  isHeld: 'A restore failed; nothing is saved until one succeeds',
  wouldComeBack: (rows: number, tables: number, name: string) =>
    `${many(rows, 'row')} in ${many(tables, 'table')} can be brought back, as ${name} has them:`,
  willBeNull: (columns: string) => `No backup has ${columns}: these will be NULL in every row.`,
  bringBack: 'Bring it back',
  tryNewest: 'Try a restore of the newest backup',
  copyNow: 'Copy it now',
  seeRestore: 'See what would be brought back',
  pushed: {
    copied: 'brought there',
    there: 'has it already',
    later: 'gets it when it is due',
    none: 'there is no backup yet',
  },
  noBackup: 'There is no backup yet.',
  backUpNow: 'Back up now',
  nameHint: 'Leave it empty for a name made of the time. Letters, digits, dots, dashes.',
  fileSize: 'Size of the file',
  lastChange: 'Last change',
  overTime: 'Rows and size over time',
  chartLabel: (from: string, to: string) =>
    `Rows and size of the backups from ${from} to ${to}; the table below says the same.`,
  asTable: 'As a table',
  undoOffer: (label: string, age: string) => `A snapshot was taken ${age}, ${label}.`,
  undo: 'Undo',
  undoExplained:
    'Undo puts this snapshot in the place of the database. What is there now becomes a snapshot too, so undoing again brings it back.',
  exportNow: 'Download the database as it is now',
  goBack: 'Go back to this',
  goBackTo: (label: string) => `Go back to: ${label}`,
};
