import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { beside } from '../support/receivers.ts';
import { scratch } from '../support/scratch.ts';

const require = createRequire(import.meta.url);
const isThere = (name: string) => {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
};
const hasMail = isThere('nodemailer') && isThere('smtp-server');

const USER = 'sender@example.org';
const PASSWORD = 'p@ss %word/4711';
const servers: SMTPServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Mails {
  readonly port: number;
  readonly mails: { readonly from: string; readonly to: readonly string[]; readonly source: string }[];
  readonly passwords: string[];
}

/** A mail server that takes one name and password, and keeps what it is handed. */
async function mailServer({ startTls = false, host = '127.0.0.1', rejects = 0 } = {}): Promise<Mails> {
  const { SMTPServer } = await import('smtp-server');
  const [mails, passwords]: [Mails['mails'], string[]] = [[], []];
  const server = new SMTPServer({
    logger: false,
    disabledCommands: startTls ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      passwords.push(password);
      if (username === USER && password === PASSWORD) done(null, { user: username });
      else done(new Error('no'));
    },
    onRcptTo: (_address, _session, done) =>
      done(rejects === 0 ? null : Object.assign(new Error(`no room for ${PASSWORD}`), { responseCode: rejects })),
    onData(stream, { envelope }, done) {
      void text(stream).then((source) => {
        mails.push({ from: envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), source });
        done();
      });
    },
  });
  server.on('error', () => {});
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, host, listening));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, mails, passwords };
}

async function sendTest(server: string) {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const ran = await beside(folder, ['notify', '--test', '--json'], {
    OVERWINTER_NOTIFY: 'mailto:me@example.org',
    OVERWINTER_SMTP_URL: server,
  });
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) expect(ran.stdout + ran.stderr).not.toContain(secret);
  return JSON.parse(ran.stdout)[0];
}

const login = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;
const outside = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

describe.skipIf(!hasMail)(`an alarm by mail${hasMail ? '' : ' (skipped: npm install nodemailer smtp-server)'}`, () => {
  test('is handed over, from whose the account is', async () => {
    const { port, mails } = await mailServer();
    expect(await sendTest(`smtp://${login}@127.0.0.1:${port}`)).toEqual({
      target: 'mailto:me@example.org',
      status: 'sent',
    });
    const [mail] = mails;
    expect(mail).toMatchObject({ from: USER, to: ['me@example.org'] });
    expect(mail?.source).toMatch(/^Subject: overwinter-\w+: test$/im);
    expect(mail?.source).toMatch(/^Message-ID: <[\w-]+@overwinter>$/im);
    expect(mail?.source).toContain('This is a test');
  });

  test('that the server does not take says so, without what the server said', async () => {
    const wrong = await mailServer();
    expect(await sendTest(`smtp://${encodeURIComponent(USER)}:wrong@127.0.0.1:${wrong.port}`)).toMatchObject({
      status: 'failed',
      reason: 'the mail server does not take the name and the password',
    });
    const full = await mailServer({ rejects: 552 });
    expect(await sendTest(`smtp://${login}@127.0.0.1:${full.port}`)).toMatchObject({
      status: 'failed',
      reason: 'the mail server answered 552',
    });
    expect(await sendTest(`smtp://${login}@127.0.0.1:1`)).toMatchObject({
      reason: expect.stringMatching(/^the mail server could not be reached/),
    });
    expect(await sendTest(`imap://${login}@127.0.0.1`)).toMatchObject({ reason: expect.stringContaining('smtps://') });
  });

  test.skipIf(outside === undefined)('tells no password to a server elsewhere that offers no TLS', async () => {
    const { port, passwords, mails } = await mailServer({ host: '0.0.0.0' });
    expect(await sendTest(`smtp://${login}@${outside}:${port}`)).toMatchObject({ status: 'failed' });
    expect(passwords).toEqual([]);
    expect(mails).toEqual([]);
  });

  test('tells none to a server whose certificate nobody vouches for', async () => {
    const { port, passwords } = await mailServer({ startTls: true });
    expect(await sendTest(`smtp://${login}@127.0.0.1:${port}`)).toMatchObject({ status: 'failed' });
    expect(passwords).toEqual([]);
  });
});
