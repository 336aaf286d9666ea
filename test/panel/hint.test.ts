import { describe, expect, test } from 'vitest';
import type { OverwinterError } from '../../src/core/errors.ts';
import { git, hint, overwinter } from '../../src/core/hint.ts';
import { backupDamaged, noBackup } from '../../src/core/problems/backups.ts';
import { releaseNeeded } from '../../src/core/problems/database.ts';
import { backupEmpty } from '../../src/core/problems/loss.ts';
import { busy, diskFull } from '../../src/core/problems/machine.ts';
import { nameInvalid, nameTaken } from '../../src/core/problems/usage.ts';
import { hintFor } from '../../src/panel/hint.ts';
import { english } from '../../src/panel/texts/english.ts';
import { problems, wordsFor } from '../support/problems.ts';

const said = (error: OverwinterError) => hintFor({ t: english, program: 'overwinter' }, error.hintPieces);

test('what is to be typed is typed as the project starts it', () => {
  const next = hint`${overwinter('doctor')} says more, and ${git('status')} too; ${overwinter('backup')} saves it.`;
  expect(hintFor({ t: english, program: 'pnpm exec overwinter' }, next)).toBe(
    "'pnpm exec overwinter doctor' (in a terminal, where the app runs) says more, and 'git status' too; ‘Back up now’ saves it.",
  );
});

describe('what to do next, for somebody who sees a web page', () => {
  test.each<[string, OverwinterError, string]>([
    ['busy', busy('/srv/backups')(), 'Wait until it is done and try again.'],
    ['the first backup', noBackup('/srv/backups')(), 'Make the first one with ‘Back up now’.'],
    ['a name that is taken', nameTaken('mine')(), 'Choose another name, as in ‘mine-2’.'],
    ['a name that cannot be', nameInvalid('?')(), "Use letters, digits, '.', '_' and '-', as in ‘before-migration’."],
    [
      'rows that were lost',
      backupEmpty('app.db', 3)(),
      'Bring the rows back with ‘Restore’ on the page of a backup, or, if this is meant, ‘Back up now’ and then ‘Save it all the same’.',
    ],
    [
      'a full disk',
      diskFull('app.db')(),
      'Nothing that was there has changed. Free some space (‘Clean up’ shows old backups) and try again.',
    ],
    [
      'damage',
      backupDamaged('one.json', 'is cut')(),
      "‘Verify all backups’ shows which others are whole; 'git checkout -- backups' (in a terminal, where the app runs) brings back what was committed.",
    ],
    [
      'what the panel itself cannot do',
      releaseNeeded()(),
      "Give createPanel() a 'withDatabaseClosed', or stop the app and use the command line: 'overwinter restore latest'.",
    ],
  ])('%s', (_what, error, words) => {
    expect(said(error)).toBe(words);
  });

  const command =
    /'overwinter (backup|restore( latest)?|undo|diff|list|snapshots?|export|status|verify --all|prune --dry-run)'/;

  test.each(problems)('%s names no command where there is a button', (name, make) => {
    const words = said(Reflect.apply(make, undefined, wordsFor(name))());
    if (!words.includes('the command line:')) expect(words).not.toMatch(command);
    if (/'(overwinter|git|npm) /.test(words) && !words.includes('the command line:'))
      expect(words).toContain('(in a terminal, where the app runs)');
  });
});
