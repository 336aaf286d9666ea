import { textOf, titleOf } from '../core/alarms/words.ts';
import { handOver } from '../stores/mail/smtp.ts';
import { DELIVERED, type ReceiverKind, undelivered } from './receiver.ts';

/** A mailbox, over the server in `OVERWINTER_SMTP_URL`. Sent means handed over. */
export const mail: ReceiverKind<'mailto'> =
  ({ to: { mailbox } }, env) =>
  async (alarm, { signal }) => {
    const letter = { to: mailbox, subject: titleOf(alarm), text: `${textOf(alarm)}\n`, id: alarm.id };
    const handed = await handOver(letter, env, signal);
    return handed.ok ? DELIVERED : undelivered(handed.reason, handed.again);
  };
