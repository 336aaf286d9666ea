import { many } from './count.ts';

/** The way back, and documents. */
export const restore = {
  leftOutStays: (words: string) =>
    `The backup is without ${words}: rows that are here keep what they have of it, and others get none.`,
  importLook: 'Look at the document',
  restoreTitle: (name: string) => `Restore ${name}`,
  whatBack: 'What is to come back',
  everything: 'Everything: the database becomes what it was',
  theseTables: 'Rows of these tables: what is missing or changed in them',
  theseRows: (count: number, table: string) => `${many(count, 'row')} of ${table}, as ticked`,
  exact: 'Rows that the backup does not have go',
  withParents: 'Rows of other tables that these need come along',
  pickTables: 'Tick the tables that are to come back.',
  intoCopy: 'Into a copy',
  copyExplained: 'A database of its own, to look into or to take single things from. Yours is not touched.',
  wouldGo: (what: string) => `Would go: ${what}`,
  nothingGoes: 'Nothing would go',
  snapshotFirst: 'A snapshot of what is there now is taken first.',
  restoreFirst: 'First look at what would change. Nothing is replaced by looking.',
  previewButton: 'Show what would change',
  wouldChange: 'What would change',
  wouldAdd: 'would be added',
  wouldChangeRows: 'would be changed',
  wouldRemove: 'would be removed',
  nothingWould: 'Nothing: the database holds exactly what this backup holds.',
  nothingWouldBe: 'Nothing: the database holds exactly what this document would bring.',
  nothingThere: (rows: number, tables: number) =>
    `There is no database now. ${many(rows, 'row')} in ${many(tables, 'table')} would be brought back.`,
  unreadableNow: (rows: number, tables: number) =>
    `The database cannot be read now. It would be set aside, and ${many(rows, 'row')} in ${many(tables, 'table')} brought back.`,
  confirmName: (name: string) => `Type ${name} to confirm`,
  confirmWrong: 'That is not the name. Nothing was changed.',
  restoreNow: 'Restore this backup',
  restoreSafety: 'A snapshot of what is there now is taken first, and you can undo this afterwards.',
  cannotReplace:
    'This panel cannot replace the database, because it was not told how to make the app close it. Look at the guide for ‘withDatabaseClosed’, or stop the app and use the command line.',
  lookFirstAtDocument: 'Choose the document again: what was shown before is not kept any more. Nothing was changed.',
  lookFirst: 'Look at what would change first. What was shown before is not known any more.',
  importTitle: 'Import',
  importExplained:
    'A document made by export replaces the database. One of an older tool has no definitions: its rows go into tables that are empty.',
  document: 'Document',
  documentHint: (size: string) => `A JSON file of at most ${size}.`,
  importFirst: 'First look at what would change. Nothing is replaced by looking.',
  importWhat: (name: string) => `Import ${name}`,
  importNow: 'Import this document',
  dropUpload: 'Do not import it',
  chooseFile: 'Choose a document first.',
  tooLarge: (size: string) => `That is larger than ${size}, which is the most this panel takes. Nothing was changed.`,
};
