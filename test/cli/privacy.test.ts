import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { ageKey } from '../support/age.ts';
import { overwinter as run } from '../support/command-line.ts';
import { scratch } from '../support/scratch.ts';
import { everythingIn } from '../support/secrets.ts';

let folder: string;
const overwinter = (...args: string[]) => run(folder, args);
const json = (...args: string[]) => JSON.parse(overwinter(...args, '--json').stdout);
const configure = (config: unknown) => writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify(config));

function sql(text: string): void {
  const db = new Database(join(folder, 'app.db'));
  db.exec(text);
  db.close();
}

const rows = (query: string) => {
  const db = new Database(join(folder, 'app.db'), { readonly: true });
  const found = db.prepare(query).raw().all();
  db.close();
  return found;
};

beforeEach(() => {
  folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  sql(`CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, apiKey TEXT, phone TEXT, active INTEGER);
    INSERT INTO users VALUES (1, 'ada', 'SECRET-1', '030', 1), (2, 'bob', 'SECRET-2', '040', 0)`);
});

describe('what is left out', () => {
  test('is said by backup, status, verify, export and restore, in words and in JSON', () => {
    const words = 'users.apiKey';
    expect(overwinter('backup').stderr).toContain(`Left out: ${words}.\n`);
    expect(overwinter('backup').stderr).toBe(
      `Nothing changed since the last backup: 2 rows in 1 table.\nLeft out: ${words}.\n`,
    );
    expect(json('backup')).toMatchObject({ status: 'unchanged', redacted: { users: ['apiKey'] } });
    expect(overwinter('status').stdout).toContain(`  left out  ${words}\n`);
    expect(json('status')).toMatchObject({ leftOut: { redacted: { users: ['apiKey'] } } });
    expect(overwinter('verify').stdout).toContain(`without ${words}`);
    expect(json('verify')).toMatchObject({ ok: true, backups: [{ leftOut: { redacted: { users: ['apiKey'] } } }] });
    expect(JSON.parse(overwinter('export').stdout).metadata.redacted).toEqual({ users: ['apiKey'] });
    expect(overwinter('restore').stderr).toContain(`The backup is without ${words}: `);
    expect(rows('SELECT apiKey FROM users')).toEqual([['SECRET-1'], ['SECRET-2']]);
    rmSync(join(folder, 'app.db'));
    expect(json('auto-restore')).toMatchObject({ restored: true, leftOut: { redacted: { users: ['apiKey'] } } });
    expect(rows('SELECT name, apiKey FROM users')).toEqual([
      ['ada', null],
      ['bob', null],
    ]);
    expect(everythingIn(join(folder, 'backups'))).not.toContain('SECRET');
  });

  test('changes with the configuration, although the database does not', () => {
    const first = json('backup');
    expect(json('backup').status).toBe('unchanged');
    configure({ redact: { users: { phone: 'none' } } });
    const second = json('backup');
    expect(second).toMatchObject({
      status: 'created',
      redacted: { users: ['apiKey', 'phone'] },
      replaced: { users: ['phone'] },
    });
    configure({ keep: { users: ['apiKey'] }, include: { users: 'active = 1' } });
    expect(json('backup')).toMatchObject({ status: 'created', rows: 1, included: { users: 'active = 1' } });
    expect(json('verify', '--all').ok).toBe(true);
    expect(json('diff', first.name, second.name).tables).toMatchObject([{ table: 'users', changed: 2 }]);
  });

  test('is nothing of an encrypted backup but what the configuration names', () => {
    const { identity, recipient } = ageKey();
    const keys = { OVERWINTER_IDENTITY: identity };
    const withKeys = (...args: string[]) => run(folder, args, keys);
    configure({ encrypt: { recipients: [recipient] }, redact: { users: ['phone'] } });
    const { stderr } = withKeys('backup');
    expect(stderr).toContain('Left out: users.phone.\n');
    expect(stderr).not.toContain('looks private');
    expect(withKeys('doctor', '--offline').stdout).not.toContain('looks private');
    rmSync(join(folder, 'app.db'));
    expect(withKeys('restore').stderr).toContain('The backup is without users.phone: ');
    expect(rows('SELECT name, apiKey, phone FROM users')).toEqual([
      ['ada', 'SECRET-1', null],
      ['bob', 'SECRET-2', null],
    ]);
    configure({ encrypt: false });
    expect(withKeys('backup').stderr).toContain('Left out: users.apiKey.\n');
  });

  test('that older backups hold is said once', () => {
    configure({ keep: { users: ['apiKey'] } });
    overwinter('backup');
    rmSync(join(folder, 'overwinter.config.json'));
    expect(overwinter('backup').stderr).toContain("Older backups and git's history still hold users.apiKey");
    expect(overwinter('backup').stderr).not.toContain('Older');
  });
});

describe('a configuration that cannot be', () => {
  test('is an error of usage that names what is meant, and nothing is written', () => {
    configure({ redact: { users: ['fone'] } });
    const ran = overwinter('backup');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain("names 'fone', which is no column of users; did you mean 'phone'?");
    expect(existsSync(join(folder, 'backups'))).toBe(false);
  });

  test('is found out at the backup, not at the restore, and its hint settles it', () => {
    sql("CREATE TABLE logins(id INTEGER PRIMARY KEY, password TEXT NOT NULL); INSERT INTO logins VALUES (1, 'SECRET')");
    const ran = overwinter('backup');
    expect(ran.code).toBe(2);
    const line = /("redact": \{.*? \} \}), which/.exec(ran.stderr)?.[1] ?? '';
    expect(line).toBe('"redact": { "logins": { "password": "" } }');
    writeFileSync(join(folder, 'overwinter.config.json'), `{ ${line} }\n`);
    expect(overwinter('backup').code).toBe(0);
    rmSync(join(folder, 'app.db'));
    expect(overwinter('auto-restore').code).toBe(0);
    expect(rows('SELECT * FROM logins')).toEqual([[1, '']]);
  });
});

describe('values that look private', () => {
  test('are pointed out before the first backup, with a line that settles it, and not again', () => {
    sql("UPDATE users SET phone = 'ada@example.org' WHERE id = 1");
    const ran = overwinter('backup');
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('users.phone (e-mail addresses)');
    expect(ran.stderr).toContain('"keep": { "users": ["phone"] }');
    sql('UPDATE users SET active = 1');
    expect(overwinter('backup').stderr).not.toContain('e-mail');
    rmSync(join(folder, 'backups'), { recursive: true });
    writeFileSync(join(folder, 'overwinter.config.mjs'), "export default { keep: { users: ['phone'] } };\n");
    expect(overwinter('backup').stderr).not.toContain('e-mail');
    expect(readdirSync(join(folder, 'backups')).length).toBeGreaterThan(1);
  });

  test('are listed by doctor as long as nothing is said of them', () => {
    sql("UPDATE users SET phone = 'ada@example.org'");
    overwinter('backup');
    const found = () => {
      const { checks }: { checks: { id: string; level: string }[] } = json('doctor', '--offline');
      return checks.find(({ id }) => id === 'secrets');
    };
    expect(JSON.stringify(found())).toContain('users.phone (e-mail addresses)');
    expect(found()?.level).toBe('warning');
    configure({ keep: { users: ['phone'] } });
    expect(found()?.level).toBe('fine');
  });

  test('are found in definitions too, once each, and listed by doctor', () => {
    const secret = ['sk_live', '4eC39HqLyjWDarjtT1zdp7dc'].join('_');
    sql(`CREATE TABLE shops(id INTEGER PRIMARY KEY, provider TEXT DEFAULT '${secret}')`);
    const said = 'written into definitions, which backups hold to the letter: table shops (keys).';
    const first = overwinter('backup').stderr;
    expect(first).toContain(said);
    expect(first).not.toContain(secret);
    sql('UPDATE users SET active = 1');
    expect(overwinter('backup').stderr).not.toContain('definitions');
    sql(`CREATE TRIGGER again AFTER INSERT ON users BEGIN UPDATE shops SET provider = '${secret}'; END`);
    expect(json('backup').suspectDefinitions).toEqual([{ type: 'trigger', name: 'again', kind: 'keys' }]);
    expect(overwinter('backup').stderr).not.toContain('definitions');
    const doctor = overwinter('doctor', '--offline').stdout;
    expect(doctor).toContain('table shops (keys), trigger again (keys)');
    expect(doctor).not.toContain(secret);
    configure({ encrypt: { recipients: [ageKey().recipient] } });
    expect(overwinter('doctor', '--offline').stdout).not.toContain('definitions');
  });

  test('are in the JSON too', () => {
    sql("UPDATE users SET phone = 'ada@example.org'");
    expect(json('backup').suspects).toEqual([{ table: 'users', column: 'phone', kind: 'e-mail addresses' }]);
  });
});
