import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adviceOnHost, MADE_FOR_DEVELOPMENT, TO_LIFT_A_HOLD } from '../../src/core/advice.ts';
import type { OverwinterError } from '../../src/core/errors.ts';
import { git, type Hint, hint, hintText, overwinter } from '../../src/core/hint.ts';
import { backupDamaged, noBackup, snapshotNotFound } from '../../src/core/problems/backups.ts';
import { databaseMissing, releaseNeeded } from '../../src/core/problems/database.ts';
import { backupEmpty } from '../../src/core/problems/loss.ts';
import { busy, diskFull, notWritable } from '../../src/core/problems/machine.ts';
import { nameInvalid, nameTaken } from '../../src/core/problems/usage.ts';
import { hintFor, labelFor } from '../../src/panel/hint.ts';
import { english } from '../../src/panel/texts/english.ts';
import { german } from '../../src/panel/texts/german.ts';
import { translated } from '../../src/panel/texts/sentences.ts';
import { problems, wordsFor } from '../support/problems.ts';

const said = (error: OverwinterError) => String(hintFor({ t: english, program: 'overwinter' }, error.hintPieces));

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

describe('in German', () => {
  const inGerman = (pieces: Hint) => hintFor({ t: german, program: 'overwinter' }, pieces);

  test.each<[OverwinterError, string]>([
    [busy('/srv/backups')(), 'Warten, bis es fertig ist, und noch einmal versuchen.'],
    [noBackup('/srv/backups')(), 'Das erste macht „Jetzt sichern“.'],
    [
      backupEmpty('app.db', 3)(),
      'Die Zeilen zurückholen: „Wiederherstellen“ auf der Seite eines Backups. Oder, wenn es so sein soll: „Jetzt sichern“ und dann „Trotzdem sichern“.',
    ],
    [
      diskFull('app.db')(),
      'Was da war, ist unverändert. Platz schaffen („Aufräumen“ zeigt alte Backups) und noch einmal versuchen.',
    ],
    [
      backupDamaged('one.json', 'is cut')(),
      "„Alle Backups prüfen“ zeigt, welche anderen ganz sind; 'git checkout -- backups' (in einem Terminal, dort, wo die App läuft) holt zurück, was eingecheckt wurde.",
    ],
    [databaseMissing('app.db', undefined)(), '„Wiederherstellen“ auf der Seite eines Backups bringt sie zurück.'],
    [
      notWritable('app.db', 'EIO')(),
      "Nachsehen, ob die Platte oder der Netzordner in Ordnung ist: 'df app.db' (in einem Terminal, dort, wo die App läuft). Was da war, ist unverändert.",
    ],
  ])('%s', (error, words) => {
    expect(inGerman(error.hintPieces)).toBe(words);
  });

  const FILES = ['backups', 'restoring', 'loss', 'some-rows', 'machine', 'another-database'];
  for (const file of FILES) {
    test(`whatever ${file} has to say`, async () => {
      const made: Record<string, (...words: unknown[]) => () => OverwinterError> = await import(
        `../../src/core/problems/${file}.ts`
      );
      for (const [name, make] of Object.entries(made))
        expect([name, inGerman(Reflect.apply(make, undefined, wordsFor(name))().hintPieces)]).toEqual([
          name,
          expect.any(String),
        ]);
    });
  }

  const CHAIN = resolve(import.meta.dirname, '../../src/core/chain');
  const source = [
    ...readdirSync(CHAIN).map((file) => join(CHAIN, file)),
    join(CHAIN, '../kept-aside.ts'),
    join(CHAIN, '../../local/attempt.ts'),
  ]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  /** The words of what is said by `hint` and by `mend`, with whatever is put in left out. */
  const sentences = [
    ...[...source.matchAll(/(mend\([^;]*?\n\s*)?hint`((?:\$\{[^}]*\}|[^`])*)`/g)].map(
      ([, mends, text = '']) => `${mends === undefined ? '' : '! '}${text}`,
    ),
    ...[...source.matchAll(/mend\([^\n]*, '([^']+)'\)/g)].map(([, text]) => `! ${text}`),
    `! ${/const SAVES = '(.*)'/.exec(source)?.[1]}`,
  ]
    .map((text) => text.replaceAll(/\$\{[^}]*\}/g, '!'))
    .filter((text) => /[a-z]{2}/.test(text));

  test('whatever is said of how far the data has come', () => {
    expect(sentences.length).toBeGreaterThan(22);
    for (const text of [...sentences, ...[MADE_FOR_DEVELOPMENT, TO_LIFT_A_HOLD].map(hintText)])
      expect([text, translated(german.hints, text)]).toEqual([text, expect.any(String)]);
    expect(inGerman(adviceOnHost('Fly').hint)).toEqual(expect.any(String));
  });

  test('what it has no words for says that it is English', () => {
    expect(inGerman(hint`Nobody says ${overwinter('status')}.`)).toEqual({
      markup: '<span lang="en">Nobody says „Jetzt“.</span>',
    });
    expect(inGerman([overwinter('status')])).toBe('„Jetzt“');
  });

  test('what stands in a name decides nothing of it', () => {
    const named = (name: string) => inGerman(snapshotNotFound('x', 'app.db', name)().hintPieces);
    expect(named('$& {2} \ue000')).toBe('„Verlauf“ zählt sie auf; der neueste ist $& {2} .');
    expect(named('x'.repeat(5000))).toMatchObject({ markup: expect.stringContaining('lang="en"') });
  });

  test('what a snapshot is called by itself, and not by somebody', () => {
    const labels = [
      'operations/restore-rows.ts',
      'operations/put-in-place.ts',
      'operations/clear.ts',
      'operations/binary-copy.ts',
      'operations/snapshot.ts',
    ].flatMap((file) =>
      [...readFileSync(join(CHAIN, '../..', file), 'utf8').matchAll(/`(before [^`]*)`/g)].map(([, label = '']) =>
        label.replaceAll(/\$\{[^}]*\}/g, '!'),
      ),
    );
    expect(labels.length).toBeGreaterThan(4);
    for (const label of labels) expect(labelFor({ t: german }, label)).toMatch(/^vor dem /);
    expect(labelFor({ t: german }, 'before restoring backup_1')).toBe('vor dem Wiederherstellen von backup_1');
    expect(labelFor({ t: german }, 'before restoring rows of a, b from x')).toBe(
      'vor dem Zurückholen von Zeilen (a, b) aus x',
    );
    expect(labelFor({ t: german }, 'my own')).toBe('my own');
    expect(labelFor({ t: english }, 'before restoring backup_1')).toBe('before restoring backup_1');
  });
});
