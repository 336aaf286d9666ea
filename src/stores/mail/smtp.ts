import { once } from 'node:events';
import { isLoopback } from '../../core/alarms/address.ts';
import { hint, hintText, program } from '../../core/hint.ts';
import { codeOf } from '../../core/system-error.ts';

/** What is sent, and by whom: the account, where it is a mailbox itself. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same twice is one mail in most mailboxes. */
  readonly id: string;
  readonly attachments?: readonly { readonly name: string; readonly bytes: Buffer; readonly type: string }[];
}

/** What came of it. `again`: it may go better in a moment. The reason is the end of a sentence, and holds nothing secret. */
export type Handed =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly again: boolean; readonly isTooLarge: boolean };

const failed = (reason: string, again: boolean, isTooLarge = false): Handed => ({
  ok: false,
  reason,
  again,
  isTooLarge,
});

/** How long, in milliseconds, a server may be silent before it counts as gone: before it greets, and after. */
interface Silence {
  readonly greeting: number;
  readonly answer: number;
}

/** Whoever looks through a mail before taking it may need minutes. It was taken then, and given up earlier it would be sent again. */
const TO_TAKE: Silence = { greeting: 10_000, answer: 10 * 60_000 };
const TO_LET_IN: Silence = { greeting: 10_000, answer: 10_000 };

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Hands a mail to the server in `OVERWINTER_SMTP_URL`: `smtps://user:password@host`, or `smtp://…` with STARTTLS. That it took it is all that
 * is ever known: nobody says whether it arrives. Never throws.
 */
export const handOver = (letter: Letter, env: Env, signal?: AbortSignal, silence = TO_TAKE): Promise<Handed> =>
  withServer({ env, signal, silence }, (transport, sender) =>
    transport.sendMail({
      from: sender ?? letter.to,
      to: letter.to,
      subject: letter.subject,
      text: letter.text,
      messageId: `<${letter.id}@overwinter>`,
      headers: { 'auto-submitted': 'auto-generated' },
      ...(letter.attachments === undefined
        ? {}
        : {
            attachments: letter.attachments.map(({ name, bytes, type }) => ({
              filename: name,
              content: bytes,
              contentType: type,
            })),
          }),
    }),
  );

/** Whether the server lets us in, without sending anything. */
export const tryServer = (env: Env, signal?: AbortSignal): Promise<Handed> =>
  withServer({ env, signal, silence: TO_LET_IN }, (transport) => transport.verify());

async function withServer(
  { env, signal, silence }: { readonly env: Env; readonly signal: AbortSignal | undefined; readonly silence: Silence },
  work: (transport: import('nodemailer').Transport, sender: string | undefined) => Promise<unknown>,
): Promise<Handed> {
  const server = serverIn(env.OVERWINTER_SMTP_URL?.trim() ?? '', silence);
  if ('fault' in server) return failed(server.fault, false);
  const nodemailer = await import('nodemailer').catch(() => undefined);
  if (nodemailer === undefined)
    return failed(
      hintText(hint`the package nodemailer is not installed: ${program('npm', 'install', 'nodemailer')}`),
      false,
    );
  const transport = nodemailer.createTransport(server.options);
  const done = work(transport, server.sender);
  const late = () => failed('it did not answer in time', true);
  try {
    if (signal === undefined) {
      await done;
      return { ok: true };
    }
    if (signal.aborted) return late();
    return await Promise.race([done.then((): Handed => ({ ok: true })), once(signal, 'abort').then(late)]);
  } catch (error) {
    return refused(error);
  } finally {
    transport.close();
    done.catch(() => {});
  }
}

/** `tls=off` in the address is for a server on a network of one's own that knows none. */
function serverIn(text: string, { greeting, answer }: Silence) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = url?.protocol === 'smtps:';
  if (url === undefined || url.hostname === '' || !(secure || url.protocol === 'smtp:'))
    return { fault: 'OVERWINTER_SMTP_URL is no address like smtps://user:password@host' };
  const [user, pass] = [url.username, url.password].map(decoded);
  if (user === undefined || pass === undefined)
    return { fault: 'OVERWINTER_SMTP_URL holds a % that stands for nothing: in a password it is written %25' };
  if (url.search !== '' && (url.search !== '?tls=off' || secure))
    return { fault: "OVERWINTER_SMTP_URL ends with a setting that is not 'tls=off', which smtp:// alone may have" };
  const isPlain = url.search === '?tls=off';
  const options = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    // Without it the password would go in plain to a server that offers nothing better.
    requireTLS: !secure && !isPlain && !isLoopback(url.hostname),
    ...(isPlain ? { ignoreTLS: true } : {}),
    ...(user === '' ? {} : { auth: { user, pass } }),
    connectionTimeout: greeting,
    greetingTimeout: greeting,
    socketTimeout: answer,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as const;
  return { options, sender: user.includes('@') ? user : undefined };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What the server said is not repeated: it may hold what was sent. */
function refused(error: unknown): Handed {
  const code = codeOf(error);
  const answer =
    typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : undefined;
  if (code === 'EAUTH') return failed('the mail server does not take the name and the password', false);
  if (code === 'ETLS') return failed('the mail server offers no TLS', false);
  if (typeof answer === 'number') return failed(`the mail server answered ${answer}`, answer < 500, answer === 552);
  return failed(`the mail server could not be reached${/^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : ''}`, true);
}
