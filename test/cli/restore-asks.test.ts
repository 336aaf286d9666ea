import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { overwinter as run } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';
import { HAS_TERMINAL, onTerminal } from '../support/terminal.ts';

let folder: string;
const overwinter = (...args: string[]) => run(folder, args);
const json = (...args: string[]) => JSON.parse(overwinter(...args, '--json').stdout);

function sql(text: string): void {
  const db = new Database(join(folder, 'data/app.db'));
  db.exec(text);
  db.close();
}

const names = () => {
  const db = new Database(join(folder, 'data/app.db'), { readonly: true });
  const found = db.prepare('SELECT name FROM notes ORDER BY id').pluck().all();
  db.close();
  return found;
};

beforeEach(() => {
  folder = scratch();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  sql("CREATE TABLE notes(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO notes(name) VALUES ('one'), ('two')");
  overwinter('backup', 'good');
  sql(
    "UPDATE notes SET name = 'TWO' WHERE id = 2; DELETE FROM notes WHERE id = 1; INSERT INTO notes VALUES (7, 'x'), (8, 'y')",
  );
});

describe('restore --dry-run', () => {
  test('says by table what would be added, changed and removed, and changes nothing', () => {
    expect(json('restore', 'good', '--dry-run')).toMatchObject({
      name: 'good',
      added: { notes: 1 },
      changed: { notes: 1 },
      removed: { notes: 2 },
    });
    const ran = overwinter('restore', '-n');
    expect(ran.stdout).toBe('notes  +1 ~1 -2\n');
    expect(ran.stderr).toContain('1 added, 1 changed, 2 removed. Nothing was done.');
    expect(names()).toEqual(['TWO', 'x', 'y']);
    expect(json('snapshots').snapshots).toEqual([]);
  });

  test('of a database that is gone everything would be added, and it stays gone', () => {
    rmSync(join(folder, 'data/app.db'));
    expect(json('restore', '--dry-run', '--db', 'data/app.db')).toMatchObject({
      added: { notes: 2 },
      changed: {},
      removed: {},
    });
    expect(existsSync(join(folder, 'data/app.db'))).toBe(false);
  });

  test('where nothing differs it says so', () => {
    overwinter('restore', 'good');
    expect(overwinter('restore', 'good', '-n').stderr).toContain('would change nothing');
  });

  test('fails where the restore would fail', () => {
    expect(overwinter('restore', 'nope', '--dry-run').code).toBe(overwinter('restore', 'nope').code);
  });
});

test('restore without a terminal goes on, as scripts need it', () => {
  expect(overwinter('restore', 'good').code).toBe(0);
  expect(names()).toEqual(['one', 'two']);
});

describe.runIf(HAS_TERMINAL)('restore on a terminal', () => {
  test('says which file and which rows would go, and leaves them where nobody says yes', () => {
    const ran = onTerminal(folder, ['restore', 'good'], 'no');
    expect(ran.text).toContain(
      'data/app.db: with good, 2 rows would go (2 from notes), 1 would change and 1 would come.',
    );
    expect(ran.text).toContain('NOT_CONFIRMED');
    expect(ran.code).not.toBe(0);
    expect(names()).toEqual(['TWO', 'x', 'y']);
  });

  test('restores where somebody says yes', () => {
    expect(onTerminal(folder, ['restore', 'good'], 'yes').code).toBe(0);
    expect(names()).toEqual(['one', 'two']);
  });

  test('asks nothing with --yes, nor where there are no rows', () => {
    expect(onTerminal(folder, ['restore', 'good', '--yes'], '').text).not.toContain("Type 'yes'");
    expect(names()).toEqual(['one', 'two']);
    sql('DELETE FROM notes');
    expect(onTerminal(folder, ['restore', 'good'], '').text).not.toContain("Type 'yes'");
    expect(names()).toEqual(['one', 'two']);
  });
});

describe.runIf(HAS_TERMINAL)('import and undo on a terminal', () => {
  test('say which rows would go, leave them where nobody says yes, and ask nothing with --yes', () => {
    overwinter('export', 'good', '-o', 'good.json');
    const calls: [string, string[], string[], string[]][] = [
      ['with good.json', ['import', 'good.json'], ['TWO', 'x', 'y'], ['one', 'two']],
      ['with the snapshot of', ['undo'], ['one', 'two'], ['TWO', 'x', 'y']],
    ];
    for (const [words, args, before, after] of calls) {
      const refused = onTerminal(folder, args, 'no');
      expect(refused.text).toContain(words);
      expect(refused.text).toMatch(/\d rows? would go \(\d from notes\), 1 would change/);
      expect([refused.code === 0, refused.text.includes('NOT_CONFIRMED'), names()]).toEqual([false, true, before]);
      expect(onTerminal(folder, args, 'yes').code).toBe(0);
      expect(names()).toEqual(after);
      overwinter('undo');
      const meant = onTerminal(folder, [...args, '--yes'], '');
      expect([meant.code, meant.text.includes("Type 'yes'"), names()]).toEqual([0, false, after]);
    }
  });

  test('a document that is no document is said before anything is asked', () => {
    writeFileSync(join(folder, 'no.json'), 'nothing');
    expect(onTerminal(folder, ['import', 'no.json'], 'no').text).not.toContain("Type 'yes'");
  });
});
