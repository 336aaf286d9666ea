import { OverwinterError } from '../../core/errors.ts';
import { hint, hintText, overwinter } from '../../core/hint.ts';
import { bucketSaid } from '../../core/problems/buckets.ts';
import type { Shortcoming, WritableStore } from '../store.ts';
import { type BucketAddress, labelOfBucket } from './address.ts';
import type { Ask } from './ask.ts';
import { elements, textIn } from './xml.ts';

/** It has always the same name and the same bytes: where it may not be removed, one stays and no more. */
const PROBE = 'doctor_probe.txt';
const BYTES = Buffer.from(`${hintText(hint`${overwinter('doctor')} writes, reads and removes this.`)}\n`);

interface Trial {
  readonly address: BucketAddress;
  readonly store: WritableStore;
  readonly ask: Ask;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal | undefined;
}

/** Tries all that is needed of a bucket, and looks for what would end its backups or show them to everybody. Throws STORE_FAILED. */
export async function tryBucket(trial: Trial): Promise<Shortcoming[]> {
  const found = await useOf(trial);
  const [isOpen, expires] = await Promise.all([opensToAnybody(trial), expiresBackups(trial)]);
  const label = labelOfBucket(trial.address);
  if (isOpen)
    found.push({
      isFailure: true,
      text: `Anybody can list ${label}, without a key.`,
      hint: hint`Make the bucket private: whoever finds its name would read every row.`,
    });
  if (expires)
    found.push({
      isFailure: true,
      text: `A lifecycle rule of the bucket lets what is in ${label} expire: new backups need old parts.`,
      hint: hint`Take the rule away, or let it be about another prefix; ${overwinter('prune', '--store', 's3')} is what removes old backups.`,
    });
  return found;
}

async function useOf({ store, address }: Trial): Promise<Shortcoming[]> {
  const label = labelOfBucket(address);
  return store.batch(async (batch) => {
    await batch.publish(PROBE, BYTES);
    if (!(await batch.read(PROBE))?.equals(BYTES)) throw bucketSaid(label, 'something else than was written there')();
    try {
      await batch.remove([PROBE]);
      return [];
    } catch (error) {
      if (!(error instanceof OverwinterError) || error.code !== 'STORE_FAILED') throw error;
      const next = hint`As it should be, if the key is meant to only add: then ${overwinter('prune', '--store', 's3')} with another key removes old backups. ${PROBE} stays there.`;
      return [{ isFailure: false, text: `Nothing can be removed there: ${error.message}`, hint: next }];
    }
  });
}

/** Asked without a key. What cannot be asked is no answer. */
async function opensToAnybody({ address, fetch, signal }: Trial): Promise<boolean> {
  try {
    const url = new URL(address.path.replace(/(.)\/$/, '$1'), address.origin);
    url.search = 'list-type=2&max-keys=1';
    const answer = await fetch(url, { redirect: 'manual', ...(signal === undefined ? {} : { signal }) });
    const said = answer.status === 200 ? await answer.text() : '';
    await answer.body?.cancel().catch(() => {});
    return said.includes('<ListBucketResult');
  } catch {
    return false;
  }
}

/** Many keys may not ask, and many hosts do not know what is asked. */
async function expiresBackups({ address, ask }: Trial): Promise<boolean> {
  try {
    const { status, body } = await ask({
      method: 'GET',
      key: '',
      query: { lifecycle: '' },
      also: [400, 403, 404, 405, 500, 501],
    });
    if (status !== 200) return false;
    return elements(body.toString('utf8'), 'Rule').some((rule) => {
      const prefix = textIn(rule, 'Prefix') ?? '';
      const isAbout = prefix.startsWith(address.prefix) || address.prefix.startsWith(prefix);
      // Ours have no tags.
      const isOurs = isAbout && !rule.includes('<Tag>');
      return textIn(rule, 'Status') === 'Enabled' && isOurs && /<Expiration>\s*<(Days|Date)>/.test(rule);
    });
  } catch {
    return false;
  }
}
