import type { Errors } from '../errors.ts';
import type { Sentences } from '../sentences.ts';

/** The library says all of these itself. */
const errors: Errors = {};
const hints: Sentences = {};
const labels: Sentences = {};

/** What went wrong, and what to do then. */
export const problems = {
  errors,
  hints,
  labels,
  quoted: (words: string) => `‘${words}’`,
  tryNext: 'What to do:',
  tryAgain: 'try again',
  restoreNewest: '‘Restore’ on the page of a backup',
  findIntact: '‘Verify all backups’ shows which others are whole',
  backUpAnyway: '‘Back up now’ and then ‘Save it all the same’',
  inTerminal: '(in a terminal, where the app runs)',
  unreadableForm: 'What was sent could not be read. Nothing was changed.',
  notFoundTitle: 'There is nothing here',
  notFound: 'The address may be old, or the backup is gone.',
  deniedTitle: 'This is not for you',
  denied: 'You may look, but not do this.',
  loginTitle: 'Who are you?',
  login: 'This page needs a token or a login.',
  foreignTitle: 'That came from elsewhere',
  foreign: 'Changes are only taken from pages of this panel. Open it again and try from there.',
  limitTitle: 'Too much at once',
  limit: 'There were too many tries. Wait a minute.',
  crowded: 'Too much is being asked for at the same time. Try again in a moment.',
  errorTitle: 'It did not work',
  fault: 'This is a fault of the panel’s; the log of the app says more.',
  back: 'To the first page',
};
