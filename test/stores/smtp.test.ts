import { beforeEach, expect, test, vi } from 'vitest';
import { handOver, type Letter, tryServer } from '../../src/stores/mail/smtp.ts';

/* What a mail server is told and how its answers are told on; that it works with a real one is shown elsewhere. */

const seen = vi.hoisted(
  (): { options: unknown; message: unknown; closed: number; verified: number; answer: () => Promise<unknown> } => ({
    options: undefined,
    message: undefined,
    closed: 0,
    verified: 0,
    answer: async () => true,
  }),
);

vi.mock('nodemailer', () => ({
  createTransport(options: unknown) {
    seen.options = options;
    return {
      sendMail(message: unknown) {
        seen.message = message;
        return seen.answer();
      },
      verify() {
        seen.verified++;
        return seen.answer();
      },
      close() {
        seen.closed++;
      },
    };
  },
}));

beforeEach(() => {
  Object.assign(seen, { options: undefined, message: undefined, closed: 0, verified: 0, answer: async () => true });
});

const LETTER: Letter = { to: 'me@example.org', subject: 'Backup', text: 'a', id: '1' };
const send = (url: string, letter = LETTER) => handOver(letter, { OVERWINTER_SMTP_URL: url });

test.each([
  ['smtps://host', { host: 'host', port: 465, secure: true, requireTLS: false }],
  ['smtp://host', { host: 'host', port: 587, secure: false, requireTLS: true }],
  [' smtp://host:25 ', { host: 'host', port: 25, secure: false, requireTLS: true }],
  ['smtp://localhost:2525', { host: 'localhost', port: 2525, secure: false, requireTLS: false }],
  ['smtp://host?tls=off', { host: 'host', port: 587, secure: false, requireTLS: false, ignoreTLS: true }],
  ['smtps://[2001:db8::1]:465', { host: '2001:db8::1', port: 465, secure: true, requireTLS: false }],
])('%s is asked with TLS wherever a password could be read on the way', async (url, options) => {
  expect(await send(url)).toEqual({ ok: true });
  expect(seen.options).toMatchObject({ ...options, disableFileAccess: true, disableUrlAccess: true });
  expect(seen.options).not.toHaveProperty('auth');
  if (!('ignoreTLS' in options)) expect(seen.options).not.toHaveProperty('ignoreTLS');
  expect(seen.closed).toBe(1);
});

test('a name and a password may hold any sign, and a mail is from whoever the name is, if that is a mailbox', async () => {
  await send('smtps://me%40example.org:p%40ss%25%2F@host');
  expect(seen.options).toMatchObject({ auth: { user: 'me@example.org', pass: 'p@ss%/' } });
  expect(seen.message).toMatchObject({ from: 'me@example.org', to: 'me@example.org', messageId: '<1@overwinter>' });
  await send('smtps://key:secret@host', { ...LETTER, to: 'you@example.org' });
  expect(seen.message).toMatchObject({ from: 'you@example.org', headers: { 'auto-submitted': 'auto-generated' } });
  expect(seen.message).not.toHaveProperty('attachments');
  const attached = { name: 'a.gz', bytes: Buffer.from('it'), type: 'application/octet-stream' };
  await send('smtps://host', { ...LETTER, attachments: [attached] });
  expect(seen.message).toMatchObject({
    attachments: [{ filename: 'a.gz', content: attached.bytes, contentType: attached.type }],
  });
});

test.each([
  ['', 'no address'],
  ['host', 'no address'],
  ['http://me:hunter2@host', 'no address'],
  ['smtps://', 'no address'],
  ['smtp://me:hunter2%zz@host', 'written %25'],
  ['smtp://hunter2%:x@host', 'written %25'],
  ['smtp://host?tls=on&hunter2', "not 'tls=off'"],
  ['smtps://host?tls=off', "not 'tls=off'"],
])('%j is refused without asking anybody, and not repeated', async (url, words) => {
  const handed = await send(url);
  expect(handed).toMatchObject({ ok: false, again: false, isTooLarge: false, reason: expect.stringContaining(words) });
  expect(JSON.stringify(handed)).not.toContain('hunter2');
  expect(seen.options).toBeUndefined();
  expect(await handOver(LETTER, {})).toMatchObject({ ok: false, reason: expect.stringContaining('no address') });
});

const saying = (more: object) => Object.assign(new Error('it repeats hunter2'), more);

test.each([
  [saying({ code: 'EAUTH', responseCode: 535 }), 'does not take the name and the password', false, false],
  [saying({ code: 'ETLS' }), 'offers no TLS', false, false],
  [saying({ responseCode: 451 }), 'answered 451', true, false],
  [saying({ responseCode: 499 }), 'answered 499', true, false],
  [saying({ responseCode: 500 }), 'answered 500', false, false],
  [saying({ responseCode: 552 }), 'answered 552', false, true],
  [saying({ code: 'ECONNREFUSED' }), 'could not be reached (ECONNREFUSED)', true, false],
  [saying({ code: 'hunter2 and more' }), 'could not be reached', true, false],
  [saying({}), 'could not be reached', true, false],
  ['hunter2', 'could not be reached', true, false],
  [null, 'could not be reached', true, false],
])(
  'what a server says is told in our words, and whether to try again: %#',
  async (error, reason, again, isTooLarge) => {
    seen.answer = () => Promise.reject(error);
    const handed = await send('smtps://host');
    expect(handed).toEqual({ ok: false, reason: `the mail server ${reason}`, again, isTooLarge });
    expect(seen.closed).toBe(1);
  },
);

test('a server is only asked to let us in where it is tried, and not waited for as long', async () => {
  expect(await tryServer({ OVERWINTER_SMTP_URL: 'smtps://host' })).toEqual({ ok: true });
  expect([seen.verified, seen.message]).toEqual([1, undefined]);
  expect(seen.options).toMatchObject({ greetingTimeout: 10_000, socketTimeout: 10_000 });
  await send('smtps://host');
  // Who looks through a mail before taking it may need minutes.
  expect(seen.options).toMatchObject({ greetingTimeout: 10_000, connectionTimeout: 10_000, socketTimeout: 600_000 });
});

test('whoever may be told to stop, and is not, hears what came of it', async () => {
  const { signal } = new AbortController();
  const env = { OVERWINTER_SMTP_URL: 'smtps://host' };
  expect(await handOver(LETTER, env, signal)).toEqual({ ok: true });
  seen.answer = () => Promise.reject(saying({ responseCode: 552 }));
  expect(await handOver(LETTER, env, signal)).toMatchObject({ ok: false, isTooLarge: true });
});
