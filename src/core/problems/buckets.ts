/** A bucket was asked, and did not do it. No name or value of a key stands in any of these, only the variables that hold them. */
import { CONFIG, DEBUG, hint, overwinter, program } from '../hint.ts';
import { problem } from './problem.ts';

export const noBucketKey = problem(
  'STORE_FAILED',
  (place: string, missing: string) => `${place} cannot be asked: ${missing} is not set.`,
  () =>
    hint`Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN where the key is a temporary one), and run ${overwinter('doctor')}.`,
);

export const bucketOutOfReach = problem(
  'STORE_FAILED',
  (place: string, why: string, tries: number) =>
    `${place} is out of reach: ${why} (${tries} ${tries === 1 ? 'try' : 'tries'}).`,
  () => hint`See that the network and the 'endpoint' in its address are right, then run ${overwinter('doctor')}.`,
);

export const bucketKeyUnknown = problem(
  'STORE_FAILED',
  (place: string) => `${place} does not know the key that AWS_ACCESS_KEY_ID names.`,
  () => hint`It was removed, or belongs to another provider. Set both variables anew, and run ${overwinter('doctor')}.`,
);

export const bucketSecretWrong = problem(
  'STORE_FAILED',
  (place: string) => `${place} does not take the signature: AWS_SECRET_ACCESS_KEY is not the secret of this key.`,
  () =>
    hint`Set both variables anew from one key, without blanks or quotes, see that 'region' in the address is the bucket's, and run ${overwinter('doctor')}.`,
);

export const bucketTokenOver = problem(
  'STORE_FAILED',
  (place: string) => `${place} does not take AWS_SESSION_TOKEN: it is over, or of another key.`,
  () => hint`Set all three AWS_\u2026 variables anew, or use a key that stays; then run ${overwinter('doctor')}.`,
);

/** `may`: a verb, as in "may not list". `said`: its own words, where it has some. */
export const bucketNotAllowed = problem(
  'STORE_FAILED',
  (place: string, may: string, said?: string) =>
    `The key in AWS_ACCESS_KEY_ID may not ${may} in ${place}${said === undefined ? '' : ` (${said})`}.`,
  () =>
    hint`Allow it to list, read and write there (and to remove, for ${overwinter('prune')}): its policy and the bucket's count. ${overwinter('doctor')} tries each.`,
);

export const bucketMissing = problem(
  'STORE_FAILED',
  (place: string, bucket: string) => `There is no bucket '${bucket}' where ${place} is.`,
  (_place, bucket) =>
    hint`See how it is spelt and where it is, or make it, private: ${program('aws', 's3', 'mb', `s3://${bucket}`)}. It is not made by itself.`,
);

/** `region`: where the bucket says it is. */
export const bucketElsewhere = problem(
  'STORE_FAILED',
  (place: string, region: string) =>
    `${place} is in another region${region === '' ? ' than its address says' : `: '${region}'`}.`,
  (_place, region) =>
    hint`Write 'region=${region === '' ? '…' : region}' into its address, in 'stores' of ${CONFIG} or in OVERWINTER_STORES.`,
);

export const bucketSendsAway = problem(
  'STORE_FAILED',
  (place: string, to: string) => `${place} sends to ${to}, and the key is not for whoever is there.`,
  () => hint`If that is right, make it the 'endpoint' in the address of the store.`,
);

export const bucketClock = problem(
  'STORE_FAILED',
  (place: string, minutes: number) =>
    `The clock of this machine is wrong${minutes === 0 ? '' : ` by ${minutes} minutes`}, as ${place} has it, so it takes no request.`,
  () => hint`Set it (${program('timedatectl', 'set-ntp', 'true')}): backups are ordered by it, too.`,
);

export const bucketFull = problem(
  'STORE_FAILED',
  (place: string) => `${place} takes no more: what it may hold is used up.`,
  () =>
    hint`${overwinter('prune', '--store', 's3')} removes old backups; or raise the limit with whoever keeps the bucket.`,
);

export const bucketSaid = problem(
  'STORE_FAILED',
  (place: string, said: string) => `${place} did not do it: it said ${said}.`,
  () => hint`${overwinter('doctor')} tries each thing that is needed of it; ${DEBUG} shows more.`,
);
