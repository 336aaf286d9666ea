import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { open } from '../../src/crypto/open.ts';
import { unlockIdentity } from '../../src/crypto/passphrase.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import type { Project } from '../../src/operations/project.ts';
import { asIfSent, dueFor, isStillTooLarge } from '../../src/stores/due.ts';
import { everyOf } from '../../src/stores/every.ts';
import { readMailAddress } from '../../src/stores/mail/address.ts';
import { mailKindIn } from '../../src/stores/mail/mail-kind.ts';
import { handOver } from '../../src/stores/mail/smtp.ts';
import type { Remote } from '../../src/stores/store.ts';
import { ageKey, packageOpens } from '../support/age.ts';
import { runProgramBeside } from '../support/command-line.ts';
import { encryptionFor } from '../support/encrypted.ts';
import { typedIn } from '../support/guide.ts';
import { hasMail, login, type Mails, mailServer, PASSWORD } from '../support/mail-server.ts';
import { addRows, plainEnvironment, rowsIn } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const [HOUR, DAY] = [3_600_000, 24 * 3_600_000];
const BEGIN = Date.parse('2026-12-01T10:00:00Z');

describe('when a mail is due', () => {
  const sent = { time: BEGIN, content: 'a' };
  test('at once, then when something changed, and not before its time', () => {
    expect(dueFor('a', DAY, undefined, BEGIN)).toEqual({ is: 'now' });
    expect(dueFor('a', DAY, sent, BEGIN + 9 * DAY)).toEqual({ is: 'sent' });
    expect(dueFor('b', DAY, sent, BEGIN + DAY - 1)).toEqual({ is: 'later', at: BEGIN + DAY });
    expect(dueFor('b', DAY, sent, BEGIN + DAY)).toEqual({ is: 'now' });
    // What was sent this very moment is not sent again.
    expect(dueFor('b', DAY, sent, BEGIN)).toEqual({ is: 'later', at: BEGIN + DAY });
    // A clock that was a year ahead, once.
    expect(dueFor('b', DAY, { time: BEGIN + 365 * DAY, content: 'a' }, BEGIN)).toEqual({ is: 'now' });
  });

  test('where all is forgotten at each start, by the clock', () => {
    const week = 7 * DAY;
    const started = asIfSent(week, BEGIN);
    const due = dueFor('a', week, started, BEGIN);
    expect(due.is).toBe('later');
    const at = due.is === 'later' ? due.at : 0;
    expect(at - BEGIN).toBeLessThanOrEqual(week);
    // Whoever starts anew before that waits for the same time, and whoever is there then sends.
    expect(dueFor('a', week, asIfSent(week, at - HOUR), at - HOUR)).toEqual(due);
    expect(dueFor('a', week, started, at)).toEqual({ is: 'now' });
  });

  test('what was too large is tried again after a day, or when more is allowed', () => {
    const tooLarge = { time: BEGIN, bytes: 100 };
    expect(isStillTooLarge(tooLarge, 90, BEGIN + HOUR)).toBe(true);
    expect(isStillTooLarge(tooLarge, 90, BEGIN)).toBe(true);
    expect(isStillTooLarge(tooLarge, 110, BEGIN + HOUR)).toBe(false);
    expect(isStillTooLarge(tooLarge, 90, BEGIN + DAY)).toBe(false);
    expect(isStillTooLarge(tooLarge, 100, BEGIN + HOUR)).toBe(false);
    // By a clock that was ahead.
    expect(isStillTooLarge(tooLarge, 90, BEGIN - 1)).toBe(false);
    expect(isStillTooLarge(undefined, 0, BEGIN)).toBe(false);
  });

  test('how often is a number of hours, days or weeks', () => {
    expect(['12h', '7d', '2w', '999d'].map(everyOf)).toEqual([12 * HOUR, 7 * DAY, 14 * DAY, 999 * DAY]);
    for (const none of ['', '0d', 'd', '7', '7 d', '1000d', '7days', '-1d', '1m'])
      expect(everyOf(none)).toBeUndefined();
  });

  test('how addresses are read', () => {
    expect(readMailAddress('me@example.org')).toEqual({
      mailbox: 'me@example.org',
      every: 7 * DAY,
      plain: false,
      largest: 7,
    });
    expect(readMailAddress('me@example.org?every=12h&plain=allow&largest=18')).toMatchObject({
      every: 12 * HOUR,
      plain: true,
      largest: 18,
    });
  });

  test.each([
    'hunter2',
    'me@example.org,hunter2@example.org',
    'me:hunter2@example.org',
    'me@example.org?password=hunter2',
    'me@example.org?every=hunter2',
    'me@example.org?every=0d',
    'me@example.org?every=1d&every=2d',
    'me@example.org?plain=hunter2',
    'me@example.org?largest=25',
  ])('%s is refused, and not repeated', (rest) => {
    expect(() => readMailAddress(rest)).toThrow(OverwinterError);
    try {
      readMailAddress(rest);
    } catch (error) {
      expect(String(error)).not.toContain('hunter2');
    }
  });
});

describe.skipIf(!hasMail)(
  `a server that is slow${hasMail ? '' : ' (skipped: npm install nodemailer smtp-server)'}`,
  () => {
    const letter = { to: 'me@example.org', subject: 'Backup', text: 'a', id: '1' };

    test('may take longer to take a mail than to greet', async () => {
      const { port, mails } = await mailServer({ takesMs: 1200 });
      const env = { OVERWINTER_SMTP_URL: `smtp://${login}@127.0.0.1:${port}` };
      expect(await handOver(letter, env, undefined, { greeting: 600, answer: 20_000 })).toEqual({ ok: true });
      expect(mails).toHaveLength(1);
      expect(await handOver(letter, env, undefined, { greeting: 20_000, answer: 600 })).toMatchObject({ ok: false });
    });

    test('that never greets counts as gone soon', async () => {
      const silent = createServer(() => {});
      await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
      const address = silent.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const env = { OVERWINTER_SMTP_URL: `smtp://${login}@127.0.0.1:${port}` };
      const began = performance.now();
      expect(await handOver(letter, env, undefined, { greeting: 300, answer: 20_000 })).toMatchObject({ ok: false });
      expect(performance.now() - began).toBeLessThan(10_000);
      silent.close();
    });

    test('whoever is told to stop waits for none, and one that is not there is named by the code of the system', async () => {
      const silent = createServer(() => {});
      await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
      const address = silent.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const env = { OVERWINTER_SMTP_URL: `smtp://${login}@127.0.0.1:${port}` };
      const late = { ok: false, again: true, isTooLarge: false, reason: 'it did not answer in time' };
      const stop = new AbortController();
      const handed = handOver(letter, env, stop.signal, { greeting: 20_000, answer: 20_000 });
      setImmediate(() => stop.abort());
      expect(await handed).toEqual(late);
      expect(await handOver(letter, env, stop.signal)).toEqual(late);
      silent.close();
      const gone = await handOver(letter, env);
      expect(gone).toMatchObject({ ok: false, again: true, reason: expect.stringMatching(/reached \(E[A-Z]+\)$/) });
    });
  },
);

describe.skipIf(!hasMail)(`a backup by mail${hasMail ? '' : ' (skipped: npm install nodemailer smtp-server)'}`, () => {
  /** A project, a mailbox for it, and a clock for both. */
  async function sender(
    rest: string,
    changes: Pick<Project, 'encryption'> | Record<never, never> = {},
    server: Partial<Parameters<typeof mailServer>[0]> = {},
    forgets = false,
  ) {
    const mails = await mailServer(server);
    const clock = { now: BEGIN };
    const project = projectIn(scratch(), { environment: 'production', now: () => new Date(clock.now), ...changes });
    const around = {
      env: { OVERWINTER_SMTP_URL: `smtp://${login}@127.0.0.1:${mails.port}` },
      base: '/nowhere',
      environment: 'production',
      local: project.local,
      backups: '/nowhere/backups',
      folder: '/nowhere/backups',
      forgets,
    };
    const remote: Remote = {
      address: `mailto:${rest}`,
      ...mailKindIn(() => clock.now).parse(rest)(around),
    };
    const save = async (rows: number) => {
      addRows(project.db, rows);
      clock.now += 1000;
      await backup(project, { trigger: 'test' });
    };
    return { mails, clock, project, save, bring: () => bringNewest(project, remote) };
  }

  const attachmentsOf = async ({ mails }: Mails) =>
    (await simpleParser(mails.at(-1)?.source ?? '')).attachments.map(({ filename = '', content }) => ({
      filename,
      content,
    }));

  test('goes when something changed and it is time, is one encrypted file, and no table is named beside it', async () => {
    const key = ageKey();
    const { mails, clock, save, bring } = await sender('me@example.org?every=1d', {
      encryption: encryptionFor({ to: [key], with: [key] }),
    });
    await save(500);
    const handed = await bring();
    expect(handed).toMatchObject({ status: 'copied', isHandedOver: true, rows: 500 });
    expect(await bring()).toMatchObject({ status: 'there' });
    clock.now += HOUR;
    await save(1);
    expect(await bring()).toMatchObject({ status: 'later', at: new Date(BEGIN + 1000 + DAY) });
    expect(mails.mails).toHaveLength(1);
    const parsed = await simpleParser(mails.mails[0]?.source ?? '');
    expect(parsed.subject).toBe('Backup: 500 rows, 2026-12-01');
    expect(parsed.text).toContain('500 rows');
    expect(`${parsed.subject} ${parsed.text}`).not.toMatch(/orders|127\.0\.0\.1/);
    expect(parsed.messageId).toMatch(/^<[0-9a-f]{32}@overwinter>$/);
    const [attached] = await attachmentsOf(mails);
    expect(attached?.filename).toBe(`${handed?.name}.json.gz.age`);
    const text = gunzipSync(await packageOpens(key, attached?.content ?? Buffer.alloc(0))).toString();
    expect(JSON.parse(text).metadata.rows).toBe(500);
    clock.now += DAY;
    expect(await bring()).toMatchObject({ status: 'copied', rows: 501 });
    expect(mails.mails).toHaveLength(2);
  });

  test('of an app that has no key has the rows of now, and of one that has lost them nothing', async () => {
    const key = ageKey();
    const { mails, project, save, bring } = await sender('me@example.org', {
      encryption: encryptionFor({ to: [key] }),
    });
    await save(50);
    expect(await bring()).toMatchObject({ status: 'copied' });
    const [attached] = await attachmentsOf(mails);
    expect(
      JSON.parse(gunzipSync(await packageOpens(key, attached?.content ?? Buffer.alloc(0))).toString()).metadata.rows,
    ).toBe(50);
    rmSync(join(project.local), { recursive: true });
    mkdirSync(project.local);
    rmSync(project.db);
    await expect(bring()).rejects.toMatchObject({ code: 'WRONG_KEY' });
    expect(mails.mails).toHaveLength(1);
  });

  test('that a passphrase opens has the key beside it, behind that passphrase', async () => {
    const { mails, save, bring } = await sender('me@example.org', {
      encryption: encryptionFor({ to: [], passphrase: 'a long enough phrase 4711' }),
    });
    await save(7);
    expect(await bring()).toMatchObject({ status: 'copied' });
    const [sealed, locked] = await attachmentsOf(mails);
    expect(locked?.filename).toBe('key-behind-passphrase.age');
    const key = await unlockIdentity(String(locked?.content), 'a long enough phrase 4711', 12);
    const opened = await open([key ?? new Uint8Array(32)], sealed?.content ?? Buffer.alloc(0));
    expect(JSON.parse(gunzipSync(opened ?? '').toString()).metadata.rows).toBe(7);
  });

  test('in plain goes only where that is said', async () => {
    const refused = await sender('me@example.org');
    await refused.save(5);
    await expect(refused.bring()).rejects.toThrow(/in plain, at two providers/);
    expect(refused.mails.mails).toEqual([]);
    const allowed = await sender('me@example.org?plain=allow');
    await allowed.save(5);
    expect(await allowed.bring()).toMatchObject({ status: 'copied' });
    const [attached] = await attachmentsOf(allowed.mails);
    expect(attached?.filename).toMatch(/\.json\.gz$/);
    expect(JSON.parse(gunzipSync(attached?.content ?? Buffer.alloc(0)).toString()).metadata.rows).toBe(5);
  });

  test('that is too large is said, not sent, and not made again for a day', async () => {
    const { mails, project, save, bring } = await sender('me@example.org?plain=allow&largest=1');
    await save(10);
    const noise = Array.from({ length: 40_000 }, (_, n) => Math.sin(n).toString(36)).join('');
    addRows(project.db, 4, noise.slice(0, 600_000));
    for (let n = 0; n < 4; n++)
      addRows(
        project.db,
        1,
        noise
          .split('')
          .reverse()
          .join('')
          .slice(n * 9000, n * 9000 + 500_000),
      );
    await save(1);
    for (let n = 0; n < 2; n++)
      await expect(bring()).rejects.toThrow(/too large for mailto:me@example.org: [1-4]\.\d MB, and 1 MB/);
    expect(mails.mails).toEqual([]);
    // The server says so where we did not know.
    const small = await sender('me@example.org?plain=allow', {}, { takes: 1000 });
    await small.save(100);
    await expect(small.bring()).rejects.toThrow(/too large/);
  });

  test('is not sent at each start of a host that forgets', async () => {
    const { mails, clock, project, save, bring } = await sender('me@example.org?plain=allow&every=1d', {}, {}, true);
    await save(5);
    for (let start = 0; start < 5; start++) {
      rmSync(project.local, { recursive: true, force: true });
      mkdirSync(project.local);
      clock.now += HOUR;
      expect(await bring()).toMatchObject({ status: 'later', at: new Date('2026-12-02T00:00:00Z') });
    }
    clock.now = Date.parse('2026-12-02T00:00:01Z');
    expect(await bring()).toMatchObject({ status: 'copied' });
    expect(mails.mails).toHaveLength(1);
  });

  test('a server that does not take it is told of without what it said', async () => {
    const { save, bring } = await sender('me@example.org?plain=allow', {}, { rejects: 451 });
    await save(5);
    const error = await bring().catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('the mail server answered 451');
    expect(String(error)).not.toContain(PASSWORD);
  });
});

describe.skipIf(!hasMail)('a mailbox, through the command line', () => {
  test('what the guide says brings a mail back, and nobody calls what was handed over safe', async () => {
    const mails = await mailServer();
    const key = ageKey();
    const app = scratch();
    writeFileSync(join(app, 'package.json'), '{}');
    writeFileSync(
      join(app, 'overwinter.config.json'),
      JSON.stringify({ db: 'app.db', stores: ['mailto:me@example.org'], encrypt: { recipients: [key.recipient] } }),
    );
    const env = {
      ...plainEnvironment,
      OVERWINTER_HOST: 'none',
      OVERWINTER_SMTP_URL: `smtp://${login}@127.0.0.1:${mails.port}`,
    };
    const said: string[] = [];
    const run = async (folder: string, words: string[], more: Record<string, string> = {}) => {
      const done = await runProgramBeside(folder, words, { ...env, ...more });
      said.push(done.stdout, done.stderr);
      return done;
    };
    addRows(join(app, 'app.db'), 300, 'x'.repeat(40));
    expect(await run(app, ['backup'])).toMatchObject({ code: 0 });
    expect(JSON.parse((await run(app, ['status', '--json'])).stdout).stores).toMatchObject([{ light: 'yellow' }]);
    const pushed = await run(app, ['push']);
    expect(pushed).toMatchObject({ code: 0 });
    expect(pushed.stdout + pushed.stderr).toMatch(/Handed backup_\w+ over to mailto:me@example.org/);
    expect(JSON.parse((await run(app, ['push', '--json'])).stdout)).toMatchObject([{ status: 'there' }]);
    const status = await run(app, ['status']);
    expect(status.stdout).toMatch(/mailto:me@example.org: handed over backup_\w+ .*whether it arrived/);
    expect(status.stdout).not.toContain('has the newest');
    const { chain, stores } = JSON.parse((await run(app, ['status', '--json'])).stdout);
    expect(stores).toMatchObject([{ light: 'green', handedOver: true }]);
    // It is no place that anything can be brought back from.
    expect(chain.steps.find(({ name }: { name: string }) => name === 'pushed').light).not.toBe('green');
    expect((await run(app, ['list', '--store', 'mailto'])).code).not.toBe(0);
    rmSync(app, { recursive: true });

    // Somebody saves what is attached.
    const elsewhere = scratch();
    const [attached] = (await simpleParser(mails.mails[0]?.source ?? '')).attachments;
    const file = attached?.filename ?? '';
    const { commands, env: secrets } = typedIn('mail.md', 'To bring it back');
    writeFileSync(join(elsewhere, file), attached?.content ?? '');
    writeFileSync(join(elsewhere, 'key.txt'), readFileSync(key.file));
    expect(secrets).toEqual({ OVERWINTER_IDENTITY_FILE: 'key.txt' });
    expect(commands.map(([program]) => program)).toEqual(['overwinter']);
    for (const [, ...words] of commands) {
      const typed = words.map((word) => (word.endsWith('.json.gz.age') ? file : word));
      const done = await run(elsewhere, typed, secrets);
      expect(done, done.stderr).toMatchObject({ code: 0 });
    }
    expect(rowsIn(join(elsewhere, 'data/app.db'))).toBe(300);
    expect(existsSync(join(elsewhere, 'backups'))).toBe(false);
    // Without the key it says which command tells more, and nothing is touched.
    const without = await run(elsewhere, ['import', file, '--db', 'other.db']);
    expect(without.code).not.toBe(0);
    expect(readdirSync(elsewhere)).not.toContain('other.db');
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) expect(said.join('\n')).not.toContain(secret);
  });
});
