import { BACKUPS, git, type Hint, hint, overwinter } from '../core/hint.ts';
import { isOlderByName } from '../core/names.ts';
import { type LeftOut, missingColumns } from '../core/privacy/left-out.ts';
import { moment } from '../core/words.ts';

interface Restored {
  readonly name: string;
  readonly date: string;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly leftOut: LeftOut;
}

/** What whoever starts an app must know of what was restored into nothing, and what to do about it: a sentence each. */
export function restoredInWords(result: Restored): Hint[] {
  return [...passedOverInWords(result), ...missingInWords(result.leftOut).map((sentence) => [sentence])];
}

/** Which backups could not be used, and which was taken instead. */
export function passedOverInWords({ name, date, skipped }: Omit<Restored, 'leftOut'>): Hint[] {
  return skipped.map(({ name: other, reason }) => {
    const why = reason.replace(/\.$/, '');
    return isOlderByName(other, date)
      ? hint`${other} was passed over: ${why}.`
      : hint`${other} could not be used (${why}), so ${name} of ${moment(date)} UTC was restored instead: what was saved after it is not here. ${git('checkout', '--', BACKUPS)} brings back what was committed, and then ${overwinter('restore', other)} brings back the rest.`;
  });
}

function missingInWords(leftOut: LeftOut): string[] {
  const { redacted = {}, replaced = {}, included = {}, excluded = {} } = leftOut;
  const columns = (lists: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(lists).flatMap(([table, names]) => names.map((column) => `${table}.${column}`));
  const empty = columns(
    Object.fromEntries(Object.keys(redacted).map((table) => [table, missingColumns(leftOut, table)])),
  );
  const standIns = columns(replaced);
  const some = Object.keys(included);
  const none = Object.keys(excluded);
  return [
    ...(empty.length === 0
      ? []
      : [
          `${list(empty)} ${empty.length === 1 ? 'is' : 'are'} in no backup, and so NULL (or the column's default) in every row now. What was there, passwords for instance, must be set anew: let people reset it. To have it in backups, name it in 'keep'.`,
        ]),
    ...(standIns.length === 0
      ? []
      : [
          `${list(standIns)} ${standIns.length === 1 ? 'holds' : 'hold'} the value from the configuration in every row now, because backups are without what was there: it must be set anew.`,
        ]),
    ...(some.length === 0 ? [] : [`Of ${list(some)} only those rows are here that backups include.`]),
    ...(none.length === 0 ? [] : [`${list(none)} came back without rows, because backups leave them out.`]),
  ];
}

const list = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' and $1');
