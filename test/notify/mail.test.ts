import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasMail, login, mailServer, PASSWORD, USER } from '../support/mail-server.ts';
import { beside } from '../support/receivers.ts';
import { scratch } from '../support/scratch.ts';

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
