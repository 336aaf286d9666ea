import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { ageKey } from '../support/age.ts';
import { overwinter as run } from '../support/command-line.ts';
import { repositoryIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

let repository: TestRepository;
const overwinter = (...args: string[]) => run(repository.top, args);
const json = (...args: string[]) => JSON.parse(overwinter(...args, '--json').stdout);

function sql(text: string): void {
  const db = new Database(join(repository.top, 'data/app.db'));
  db.exec(text);
  db.close();
}

/** Saves under a name, and commits that. */
function save(name: string): void {
  overwinter('backup', name);
  repository.git(['add', '-A', 'backups']);
  repository.git(['commit', '-q', '-m', name]);
}

beforeEach(() => {
  const folder = scratch();
  repository = repositoryIn(folder);
  repository.git(['init', '-q', '-b', 'main']);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, '.gitignore'), 'data\n.overwinter\n');
  repository.git(['add', '.']);
  repository.git(['commit', '-q', '-m', 'begin']);
  repository.git(['branch', 'before-all']);
  sql("CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'one'), (2, 'two')");
  save('first');
  repository.git(['checkout', '-q', '-b', 'feature']);
  sql("UPDATE users SET name = 'TWO' WHERE id = 2; INSERT INTO users VALUES (3, 'three')");
  save('second');
});

const changes = (...args: string[]) => {
  const { from, to, tables } = json('diff', ...args);
  return [
    from,
    to,
    ...tables.map(({ table, added, changed, removed }: Record<string, unknown>) => [table, added, changed, removed]),
  ];
};

describe('diff', () => {
  test('takes a commit for the newest backup that it has', () => {
    expect(changes('HEAD~1', 'HEAD')).toEqual(['HEAD~1:first', 'HEAD:second', ['users', 1, 1, 0]]);
    expect(changes('feature', 'main')).toEqual(['feature:second', 'main:first', ['users', 0, 1, 1]]);
    rmSync(join(repository.top, 'backups'), { recursive: true });
    expect(changes('main', 'HEAD')).toEqual(['main:first', 'HEAD:second', ['users', 1, 1, 0]]);
    expect(changes('main')).toEqual(['main:first', 'the database', ['users', 1, 1, 0]]);
  });

  test('takes a range: from where two branches parted, or from one to the other', () => {
    repository.git(['checkout', '-q', 'main']);
    sql("DELETE FROM users; INSERT INTO users VALUES (9, 'nine')");
    overwinter('backup', 'third', '--allow-shrink');
    repository.git(['add', '-A', 'backups']);
    repository.git(['commit', '-q', '-m', 'third']);
    expect(changes('main...feature')).toEqual(['main:first', 'feature:second', ['users', 1, 1, 0]]);
    expect(changes('main..feature')).toEqual(['main:third', 'feature:second', ['users', 3, 0, 1]]);
    repository.git(['checkout', '-q', 'feature']);
    expect(changes('main...')).toEqual(['main:first', 'HEAD:second', ['users', 1, 1, 0]]);
  });

  test('a range that begins before the first backup has all rows as new', () => {
    expect(changes('before-all...HEAD')).toEqual([
      'before-all, which has no backup,',
      'HEAD:second',
      ['users', 3, 0, 0],
    ]);
    expect(overwinter('diff', 'before-all', 'HEAD').code).toBe(10);
  });

  test('takes a backup before a commit that is called so, and mixes both', () => {
    repository.git(['branch', 'first', 'HEAD']);
    repository.git(['branch', 'sec', 'main']);
    expect(changes('first', 'HEAD')).toEqual(['first', 'HEAD:second', ['users', 1, 1, 0]]);
    expect(changes('HEAD~1', 'sec')).toEqual(['HEAD~1:first', 'second', ['users', 1, 1, 0]]);
    expect(changes('HEAD~1', 'latest')).toEqual(['HEAD~1:first', 'second', ['users', 1, 1, 0]]);
  });

  test('what is neither is said as what it looks like', () => {
    const said = (...args: string[]) => {
      const { code, stderr } = overwinter('diff', ...args);
      return [code, stderr];
    };
    expect(said('frist')).toEqual([10, expect.stringContaining("There is no backup named 'frist' in")]);
    expect(said('HEAD~99')).toEqual([10, expect.stringContaining("There is no commit 'HEAD~99' in this repository.")]);
    expect(said('nobody...HEAD')).toEqual([10, expect.stringContaining("There is no commit 'nobody'")]);
    expect(said('--output=x', 'HEAD')[0]).toBe(2);
    expect(said('HEAD~1', '--rows', 'x')[0]).toBe(2);
    repository.git(['checkout', '-q', '--orphan', 'alone']);
    repository.git(['commit', '-q', '--allow-empty', '-m', 'alone']);
    expect(said('main...alone')).toEqual([
      10,
      expect.stringContaining("'main' and 'alone' have no commit in common here."),
    ]);
  });
});

describe('diff --markdown', () => {
  test('is a table with a warning where rows are gone, and the first rows', () => {
    sql('DELETE FROM users WHERE id = 3; CREATE TABLE notes(id INTEGER PRIMARY KEY); INSERT INTO notes VALUES (1)');
    expect(
      overwinter('diff', 'HEAD', '--markdown').stdout,
    ).toBe(`### Rows that differ from \`HEAD:second\` to \`the database\`

> ⚠️ \`users\` is without 1 of the 3 rows that it had.

| Table | Added | Changed | Removed | Rows now |
|:--|--:|--:|--:|--:|
| \`users\` | 0 | 0 | ⚠️ 1 | 2 |
| \`notes\` | 1 | 0 | 0 | 1 |

- new: \`table notes\`

<details><summary>The first rows of each table</summary>

**\`users\`**

\`\`\`diff
- {"id":3,"name":"three"}
\`\`\`

**\`notes\`**

\`\`\`diff
+ {"id":1}
\`\`\`

</details>
`);
    sql('DELETE FROM users');
    expect(overwinter('diff', '--markdown', '--rows', '0').stdout).toContain(
      '> ⚠️ `users` is empty now: all of its 3 rows are gone.',
    );
    expect(overwinter('diff', '--markdown', '--rows', '0').stdout).not.toContain('<details>');
  });

  test('says so where nothing differs', () => {
    expect(overwinter('diff', '--markdown')).toMatchObject({
      stdout: '### No row differs from `second` to `the database`\n',
      stderr: '',
    });
  });

  test('nothing that stands in names or rows becomes markup', () => {
    sql('CREATE TABLE "a|`b`\n@c"(t TEXT)');
    const db = new Database(join(repository.top, 'data/app.db'));
    db.prepare('INSERT INTO "a|`b`\n@c" VALUES (?)').run('x\n```\n</details> @everybody <script> ::set-output');
    db.close();
    const { stdout } = overwinter('diff', '--markdown');
    expect(stdout).toContain("| `a\\|'b' @c` | 1 |");
    expect(stdout.match(/^```/gm)).toHaveLength(2);
    expect(stdout.match(/^<\/details>/gm)).toHaveLength(1);
  });

  test('of encrypted backups it says numbers alone', () => {
    const { identity, recipient } = ageKey();
    writeFileSync(
      join(repository.top, 'overwinter.config.json'),
      JSON.stringify({ encrypt: { recipients: [recipient] } }),
    );
    const withKey = (...args: string[]) => run(repository.top, args, { OVERWINTER_IDENTITY: identity });
    withKey('backup', 'shut');
    sql("INSERT INTO users VALUES (4, 'Hypochondria')");
    const { stdout } = withKey('diff', 'shut', '--markdown');
    expect(stdout).toBe(
      '### Rows that differ from `shut` to `the database`\n\n1 added, 0 changed, 0 removed.\n\nThey are encrypted, so none is shown.\n',
    );
  });

  test('a comment is never longer than a pull request takes', () => {
    const tables = Array.from({ length: 900 }, (_, n) => `CREATE TABLE t${n}(id INTEGER PRIMARY KEY, t TEXT)`).join(
      ';',
    );
    sql(
      `${tables}; ${Array.from({ length: 900 }, (_, n) => `INSERT INTO t${n} SELECT value, printf('%.*c', 300, 'x') FROM json_each('[1,2,3,4,5,6,7,8,9]')`).join(';')}`,
    );
    const { stdout } = overwinter('diff', '--markdown', '--rows', '9');
    expect(stdout.length).toBeLessThan(65_536);
    expect(stdout).toContain('| `t79` | 9 |');
    expect(stdout).toContain('| … and 700 more | | | | |');
    expect(stdout).toContain('- … and 700 more\n');
  });
});
