import { number } from './count.ts';

/** What is different. */
export const compare = {
  compared: (from: string, to: string) => `From ${from} to ${to}`,
  theDatabase: 'the database now',
  differences: 'What is different',
  noDifference: 'There is no difference.',
  added: 'added',
  changed: 'changed',
  removed: 'removed',
  keyColumn: 'Row',
  before: 'Before',
  after: 'After',
  firstRows: (shown: number, all: number) => `The first ${shown} of ${number(all)} rows.`,
  schemaChanges: 'Definitions',
};
