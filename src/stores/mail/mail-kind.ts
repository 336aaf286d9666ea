import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { mailNotTaken, mailPlain, mailTooLarge } from '../../core/problems/mail.ts';
import { count, number } from '../../core/words.ts';
import { dueFor, isStillTooLarge } from '../due.ts';
import { type Noted, noteHandedOver, recallHandedOver } from '../handed-over.ts';
import type { StoreKind } from '../kind.ts';
import type { Mailbox, Parcel } from '../store.ts';
import { MAIL_EXAMPLE, readMailAddress } from './address.ts';
import { handOver, tryServer } from './smtp.ts';

const MEGABYTE = 1024 * 1024;

/** A mailbox: a backup is sent there when something changed, now and then. Nothing can be read from it. */
export function mailKindIn(now: () => number): StoreKind {
  return {
    example: MAIL_EXAMPLE,
    parse(rest) {
      const { mailbox, every, plain, largest } = readMailAddress(rest);
      return ({ env, local, backups, folder, forgets = false }) => {
        const label = `mailto:${mailbox}`;
        const database = relative(backups, folder).replaceAll('\\', '/');
        const id = `${label}:${database}`;
        const noted: Noted = { local, kind: 'mailed', id };

        async function deliver(parcel: Parcel, signal: AbortSignal | undefined) {
          const remembered = recallHandedOver(noted, { every, forgets, now: now() });
          const due = dueFor(parcel.content, every, remembered, now());
          if (due.is === 'sent') return { is: 'there' } as const;
          if (due.is === 'later') return { is: 'later', at: new Date(due.at) } as const;
          if (!parcel.isEncrypted && !plain) throw mailPlain(label)();
          const most = largest * MEGABYTE;
          const { tooLarge } = remembered ?? {};
          if (tooLarge !== undefined && isStillTooLarge(tooLarge, most, now())) throw refusal(tooLarge.bytes);
          const { bytes, lockedKey } = await parcel.document();
          if (bytes.length > most) {
            noteHandedOver(noted, { time: 0, ...remembered, tooLarge: { time: now(), bytes: bytes.length } });
            throw refusal(bytes.length);
          }
          const handed = await handOver(letterOf(mailbox, database, parcel, bytes, lockedKey), env, signal);
          if (!handed.ok) throw handed.isTooLarge ? refusal(bytes.length) : mailNotTaken(label, handed.reason)();
          noteHandedOver(noted, { time: now(), content: parcel.content });
          return { is: 'handed-over' } as const;
        }

        const refusal = (bytes: number) => mailTooLarge(label, (bytes / MEGABYTE).toFixed(1), largest)();
        const open = (signal?: AbortSignal): Mailbox => ({ label, id, deliver: (parcel) => deliver(parcel, signal) });
        const tryOut = async (signal?: AbortSignal) => {
          const tried = await tryServer(env, signal);
          if (!tried.ok) throw mailNotTaken(label, tried.reason)();
          return [];
        };
        return { label, id, open, tryOut, isBounded: true, sentEvery: every };
      };
    },
  };
}

export const mailKind = mailKindIn(Date.now);

/** Figures alone: who reads over a shoulder learns neither what the tables are called nor where they are. */
function letterOf(mailbox: string, database: string, parcel: Parcel, bytes: Buffer, lockedKey: string | undefined) {
  const { name, date, rows, content, isEncrypted } = parcel;
  const file = `${name}.json.gz${isEncrypted ? '.age' : ''}`;
  const day = date.slice(0, 10);
  const of = database === '' ? '' : ` of ${database}`;
  const attachments = [
    { name: file, bytes, type: 'application/octet-stream' },
    ...(lockedKey === undefined
      ? []
      : [{ name: 'key-behind-passphrase.age', bytes: Buffer.from(lockedKey), type: 'application/octet-stream' }]),
  ];
  const text = `A backup${of}: ${count(rows, 'row')}, as they were on ${date}.

  ${file}
  ${number(bytes.length)} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}

To bring it back, save what is attached into an empty folder:

  npx overwinter import ${file} --db restored.db
${isEncrypted ? '\nwith the key in OVERWINTER_IDENTITY_FILE. ' : '\n'}Without Overwinter${isEncrypted ? `: age -d -i key.txt ${file} | gunzip` : `: gunzip ${file}`}
`;
  // Sent twice it is one mail in most mailboxes.
  const key = createHash('sha256').update(`${database} ${content}`).digest('hex').slice(0, 32);
  return { to: mailbox, subject: `Backup${of}: ${count(rows, 'row')}, ${day}`, text, id: key, attachments };
}
