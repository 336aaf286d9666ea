/** Keys are missing, or backups would be plain that are not meant to be. */
import { again, CONFIG, hint, overwinter, setting } from '../hint.ts';
import { problem } from './problem.ts';

/** A team has so many; a manifest of somebody's may have a million. */
const MOST_NAMED = 20;

export const wrongKey = problem(
  'WRONG_KEY',
  (recipients: readonly string[], passphrase: boolean, identities: number) => {
    const more = recipients.length - MOST_NAMED;
    const named = more > 0 ? `${recipients.slice(0, MOST_NAMED).join(', ')} and ${more} more` : recipients.join(', ');
    const whom = `${named}${passphrase ? ' (the last with a passphrase)' : ''}`;
    const none = identities === 0 ? 'there is no identity here' : `none of the ${identities} identities here opens it`;
    return `The backup is encrypted to ${whom}, and ${none}.`;
  },
  (_recipients, passphrase) =>
    hint`Set OVERWINTER_IDENTITY to the secret key, or OVERWINTER_IDENTITY_FILE to a file with it${passphrase ? ', or OVERWINTER_PASSPHRASE' : ''}; ${overwinter('keys check')} shows which backups it opens.`,
);

export const identitiesUnreadable = problem(
  'WRONG_KEY',
  (where: string, what: string) => `The identities in ${where} ${what}.`,
  () => hint`Each line must be an AGE-SECRET-KEY-1\u2026, as ${overwinter('keys new')} writes it.`,
);

export const passphraseMissing = problem(
  'WRONG_KEY',
  () => 'Backups are to be encrypted with a passphrase, and there is none here.',
  () => hint`Set OVERWINTER_PASSPHRASE in the environment, and ${again('run it again')}: ${overwinter('backup')}.`,
);

export const passphraseWeak = problem(
  'USAGE',
  (why: string) =>
    `The passphrase in OVERWINTER_PASSPHRASE is too easy to guess: ${why}. Nothing was encrypted with it.`,
  () =>
    hint`Take several words that have nothing to do with each other, or make a key instead: ${overwinter('keys new')}.`,
);

export const passphraseTooMuchWork = problem(
  'WRONG_KEY',
  (work: number, most: number) =>
    `To try the passphrase on this backup takes 2^${work} steps, more than the 2^${most} that are taken unasked: its maker chose them.`,
  (work) =>
    hint`If you made it so, set OVERWINTER_PASSPHRASE_WORK=${work}, and ${again('run it again')}: ${overwinter('keys check')}.`,
);

export const encryptionOff = problem(
  'ENCRYPTION_OFF',
  (where: string) =>
    `The newest backup in ${where} is encrypted, and nothing says whom to encrypt this one to: none was written.`,
  () =>
    hint`Put ${setting({ encrypt: { recipients: ['age1\u2026'] } })} into ${CONFIG}, or ${setting({ encrypt: false })} if plain backups are meant; then ${again('run it again')}.`,
);

export const plainFromElsewhere = problem(
  'ENCRYPTION_OFF',
  (name: string, where: string) =>
    `The backup ${name} is not encrypted, and those for ${where} are: it was not brought there.`,
  () =>
    hint`Give whoever makes it the same ${setting({ encrypt: { recipients: ['age1\u2026'] } })} in ${CONFIG}, or say ${setting({ encrypt: false })} if plain backups are meant; then ${overwinter('backup')}.`,
);

export const encryptNotConfigured = problem(
  'USAGE',
  () => 'Nothing says whom to encrypt the backups to.',
  () =>
    hint`${overwinter('keys new')} makes a key and prints the line for ${CONFIG}: ${setting({ encrypt: { recipients: ['age1\u2026'] } })}.`,
);
