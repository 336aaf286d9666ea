/** A backup was not handed over as a mail. What a server said is not repeated, nor is where it is. */
import { hint, overwinter } from '../hint.ts';
import { problem } from './problem.ts';

export const mailPlain = problem(
  'STORE_FAILED',
  (place: string) => `No backup is sent to ${place}: it would lie there in plain, at two providers, for good.`,
  () =>
    hint`Encrypt backups (${overwinter('keys new')}), or write 'plain=allow' into its address where everybody on the way may read the rows.`,
);

export const mailTooLarge = problem(
  'STORE_FAILED',
  (place: string, megabytes: string, most: number) =>
    `The backup is too large for ${place}: ${megabytes} MB, and ${most} MB are the most that is sent.`,
  (_place, _megabytes, most) =>
    most < 18
      ? hint`'largest=18' in its address lets it be larger, where both mail servers take that. A bucket, a branch or rclone takes any size.`
      : hint`Name another kind of store for it: a bucket, a branch or rclone takes any size.`,
);

export const mailNotTaken = problem(
  'STORE_FAILED',
  (place: string, why: string) => `No backup was handed over to ${place}: ${why}.`,
  () =>
    hint`Set OVERWINTER_SMTP_URL to 'smtps://user:password@host'; ${overwinter('doctor')} tries it without sending anything.`,
);

/** The rows of an encrypted backup can only be put into a mail by whoever has a key, or has the rows themselves. */
export const mailLocked = problem(
  'WRONG_KEY',
  (place: string) =>
    `The newest backup is encrypted, and neither a key that opens it nor the database with its rows is here, so nothing is sent to ${place}.`,
  () =>
    hint`Let the app send it ('stores' where it runs), or give the key to whoever does: OVERWINTER_IDENTITY_FILE. ${overwinter('doctor')} tells more.`,
);
