import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import type { SMTPServer } from 'smtp-server';
import { whenTestEnds } from './endings.ts';

const require = createRequire(import.meta.url);
const isThere = (name: string) => {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
};
export const hasMail = isThere('nodemailer') && isThere('smtp-server');

export const USER = 'sender@example.org';
export const PASSWORD = 'p@ss %word/4711';
const servers: SMTPServer[] = [];
whenTestEnds(() => {
  for (const server of servers.splice(0)) server.close();
});

export interface Mails {
  readonly port: number;
  readonly mails: { readonly from: string; readonly to: readonly string[]; readonly source: string }[];
  readonly passwords: string[];
}

/** A mail server that takes one name and password, and keeps what it is handed. */
export async function mailServer({
  startTls = false,
  host = '127.0.0.1',
  rejects = 0,
  takes = 100_000_000,
  takesMs = 0,
} = {}): Promise<Mails> {
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
        if (source.length > takes) return done(Object.assign(new Error('too large'), { responseCode: 552 }));
        mails.push({ from: envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), source });
        setTimeout(done, takesMs);
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

export const login = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;
