import type { Around } from '../../src/stores/kind.ts';
import { s3KindIn } from '../../src/stores/s3/s3-kind.ts';
import { isReadable, type Remote, type WritableStore } from '../../src/stores/store.ts';
import { type FakeS3, KEYS } from './fake-s3.ts';

const HOUR = 3_600_000;

type Asked = Pick<FakeS3, 'ahead' | 'address'>;

interface Asking {
  /** The pauses that it made. */
  readonly slept?: number[];
  readonly patience?: number;
}

/** Whoever asks a bucket, without waiting: its clock goes as the bucket's does. */
const kindFor = (bucket: Pick<FakeS3, 'ahead'>, { slept = [], patience = 5000 }: Asking) =>
  s3KindIn({
    fetch,
    sleep: async (milliseconds) => void slept.push(milliseconds),
    random: () => 0.5,
    now: () => new Date(Date.now() + bucket.ahead),
    patience,
  });

const AROUND: Around = {
  env: KEYS,
  base: '/nowhere',
  environment: 'production',
  local: '/nowhere/.overwinter',
  backups: '/nowhere/backups',
  folder: '/nowhere/backups',
};

/** The place that the address of a bucket names. */
export function inBucket(bucket: Asked, around: Partial<Around> = {}, asking: Asking = {}): Remote {
  const { address } = bucket;
  return { address, ...kindFor(bucket, asking).parse(address.replace(/^s3:/, ''))({ ...AROUND, ...around }) };
}

export function storeIn(bucket: Asked, around: Partial<Around> = {}, asking: Asking = {}): WritableStore {
  const opened = inBucket(bucket, around, asking).open();
  if (!isReadable(opened)) throw new Error('it can be read');
  return opened;
}

export const aDayLater = (bucket: Pick<FakeS3, 'ahead'>) => {
  bucket.ahead += 25 * HOUR;
};
