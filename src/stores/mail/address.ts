import { storeInvalid } from '../../core/problems/stores.ts';
import { everyOf } from '../every.ts';

/** Whom backups are sent to, and how. */
export interface MailAddress {
  readonly mailbox: string;
  /** The shortest time from one to the next, in milliseconds. */
  readonly every: number;
  /** What is not encrypted may be sent. */
  readonly plain: boolean;
  /** The largest attachment, in megabytes. */
  readonly largest: number;
}

export const MAIL_EXAMPLE = "'mailto:me@example.org?every=7d'";

const fault = (what: string) => storeInvalid('mailto', what, MAIL_EXAMPLE)();

/** A mail is a third larger than what is attached, and most servers take 25 MB. */
const MOST_MEGABYTES = 18;
const USUAL_MEGABYTES = 7;

/** Reads what stands behind `mailto:`. Throws CONFIG_INVALID, and repeats nothing of it: a password may stand there by mistake. */
export function readMailAddress(rest: string): MailAddress {
  const [, mailbox = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(rest) ?? [];
  if (!/^[^\s@,;<>()"\\:&]{1,64}@[A-Za-z0-9.-]{1,255}$/.test(mailbox))
    throw fault('names no mailbox: the server and its password belong in OVERWINTER_SMTP_URL');
  const settings = new URLSearchParams(query);
  for (const name of new Set(settings.keys())) {
    if (!['every', 'plain', 'largest'].includes(name))
      throw fault('has a setting that is none of every, plain, largest');
    if (settings.getAll(name).length > 1) throw fault(`says '${name}' twice`);
  }
  const every = everyOf(settings.get('every') ?? '7d');
  if (every === undefined) throw fault("has an 'every' that is no time like 12h, 7d or 2w");
  const plain = settings.get('plain');
  if (plain !== null && plain !== 'allow') throw fault("has a 'plain' that is not 'allow'");
  const largest = Number(settings.get('largest') ?? USUAL_MEGABYTES);
  if (!(largest >= 1 && largest <= MOST_MEGABYTES))
    throw fault(`has a 'largest' that is not 1 to ${MOST_MEGABYTES}, in MB`);
  return { mailbox, every, plain: plain === 'allow', largest };
}
