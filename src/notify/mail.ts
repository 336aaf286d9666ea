import { once } from 'node:events';
import { isLoopback } from '../core/alarms/address.ts';
import { textOf, titleOf } from '../core/alarms/words.ts';
import { hint, hintText, program } from '../core/hint.ts';
import { codeOf } from '../core/system-error.ts';
import { DELIVERED, type Delivery, type ReceiverKind, undelivered } from './receiver.ts';

const PATIENCE_MS = 10_000;

/**
 * A mailbox, over the server in `OVERWINTER_SMTP_URL`: `smtps://user:password@host`, or `smtp://…` with STARTTLS. Sent means handed over: nobody
 * says whether it arrives.
 */
export const mail: ReceiverKind<'mailto'> =
  ({ to: { mailbox } }, env) =>
  async (alarm, { signal }) => {
    const server = serverIn(env.OVERWINTER_SMTP_URL?.trim() ?? '');
    if ('fault' in server) return undelivered(server.fault, false);
    const nodemailer = await import('nodemailer').catch(() => undefined);
    if (nodemailer === undefined)
      return undelivered(
        hintText(hint`the package nodemailer is not installed: ${program('npm', 'install', 'nodemailer')}`),
        false,
      );
    const transport = nodemailer.createTransport(server.options);
    const sent = transport.sendMail({
      from: server.sender ?? mailbox,
      to: mailbox,
      subject: titleOf(alarm),
      text: `${textOf(alarm)}\n`,
      // The same alarm sent twice is one mail in most mailboxes.
      messageId: `<${alarm.id}@overwinter>`,
      headers: { 'auto-submitted': 'auto-generated' },
    });
    try {
      return await Promise.race([
        sent.then(() => DELIVERED),
        once(signal, 'abort').then(() => undelivered('it did not answer in time', true)),
      ]);
    } catch (error) {
      return refused(error);
    } finally {
      transport.close();
      sent.catch(() => {});
    }
  };

function serverIn(text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = url?.protocol === 'smtps:';
  if (url === undefined || url.hostname === '' || !(secure || url.protocol === 'smtp:'))
    return { fault: 'OVERWINTER_SMTP_URL is no address like smtps://user:password@host' };
  const [user, pass] = [url.username, url.password].map(decoded);
  if (user === undefined || pass === undefined)
    return { fault: 'OVERWINTER_SMTP_URL holds a % that stands for nothing: in a password it is written %25' };
  const options = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    // Without it the password would go in plain to a server that offers nothing better.
    requireTLS: !secure && !isLoopback(url.hostname),
    ...(user === '' ? {} : { auth: { user, pass } }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
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
function refused(error: unknown): Delivery {
  const code = codeOf(error);
  const answer =
    typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : undefined;
  if (code === 'EAUTH') return undelivered('the mail server does not take the name and the password', false);
  if (code === 'ETLS') return undelivered('the mail server offers no TLS', false);
  if (typeof answer === 'number') return undelivered(`the mail server answered ${answer}`, answer < 500);
  return undelivered(`the mail server could not be reached${/^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : ''}`, true);
}
