/** What a configuration says cannot be. */
import { CONFIG, type Hint, hint, overwinter, setting } from '../hint.ts';
import { problem } from './problem.ts';

export const configInvalid = problem(
  'CONFIG_INVALID',
  (where: string, what: string) => `The configuration in ${where} ${what}${what.endsWith('?') ? '' : '.'}`,
  (where) => hint`Correct ${where}; "Configure it" in the README of overwinter shows what may be set.`,
);

export const privacyUnknown = problem(
  'CONFIG_INVALID',
  (setting: string, name: string, what: string, meant: string | undefined) =>
    `The configuration's '${setting}' names '${name}', which is no ${what}${meant === undefined ? '.' : `; did you mean '${meant}'?`}`,
  (setting) => hint`Edit '${setting}' in ${CONFIG}; ${overwinter('status')} then says whether it can be.`,
);

export const cannotLeaveOut = problem(
  'CONFIG_INVALID',
  // Nothing to keep where it is not about columns.
  (reason: string, columns: readonly string[], _lines: Hint, _keep: Hint) =>
    `Backups leave out what ${reason}, but ${columns.join('; and ')}.`,
  (_reason, _columns, lines, keep) =>
    hint`Put into ${CONFIG} ${lines}, which is what a restore then brings back${keep.length === 0 ? '' : hint`; or, to save it as it is, ${keep}`}. ${overwinter('backup')} goes on from there.`,
);

export const cannotExclude = problem(
  'CONFIG_INVALID',
  (table: string, needs: string) => `The table ${table} cannot be left out whole: ${needs} needs it.`,
  (table) => hint`Leave out its rows alone, in ${CONFIG}: ${setting({ exclude: { [table]: 'rows' } })}.`,
);

export const conditionInvalid = problem(
  'CONFIG_INVALID',
  (table: string, condition: string, reason: string) =>
    `The configuration's 'include' says of ${table} what SQLite cannot answer: ${condition} (${reason}).`,
  (table) =>
    hint`Write a condition over its columns in ${CONFIG}, as in ${setting({ include: { [table]: 'active = 1' } })}.`,
);

export const replacementInvalid = problem(
  'CONFIG_INVALID',
  (table: string, column: string, reason: string) =>
    `The configuration's 'redact' puts a value into ${table}.${column} that cannot stand there: ${reason}.`,
  (table, column) => hint`Choose another in ${CONFIG}: ${setting({ redact: { [table]: { [column]: '\u2026' } } })}.`,
);

export const cannotEmpty = problem(
  'DATABASE_FAILED',
  (table: string, reason: string) =>
    `The index of ${table} cannot be left out, because it cannot be made anew: ${reason}.`,
  (table) => hint`Leave the virtual table out, in ${CONFIG}: ${setting({ exclude: { [table]: 'whole' } })}.`,
);

export const nobodyToTell = problem(
  'USAGE',
  () => 'No test message was sent: nobody is to hear of anything.',
  () =>
    hint`Name somebody in ${CONFIG}, ${setting({ notify: ['ntfy://ntfy.sh/my-topic'] })}, or in OVERWINTER_NOTIFY; ${overwinter('notify', '--help')} shows who it can be.`,
);

export const panelUnguarded = problem(
  'CONFIG_INVALID',
  (what: string) => `The panel cannot be mounted: ${what}.`,
  () => hint`Give createPanel() an 'authorize' that says who may do what, or a 'token' of 24 characters or more.`,
);
