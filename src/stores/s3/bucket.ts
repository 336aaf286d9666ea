import { backupDamaged } from '../../core/problems/backups.ts';
import { bucketNotAllowed, bucketSaid } from '../../core/problems/buckets.ts';
import type { Listed, Objects, Stored } from '../objects/objects.ts';
import { cut, LARGEST_FILE, type Range } from '../store.ts';
import { type BucketAddress, labelOfBucket } from './address.ts';
import { type Answer, type Ask, TooLarge } from './ask.ts';
import { elements, escaped, textIn } from './xml.ts';

/** As many are removed with one request. */
const REMOVED_AT_ONCE = 1000;
const MOST_PAGES = 1000;
const SINGLE_AT_ONCE = 8;

/** What a host understands, as far as is known by now. */
export interface Knows {
  /** Backblaze and others cannot write "only if it is not there". */
  conditions: boolean;
  /** Google's did not take many removals in one request for years. */
  removesMany: boolean;
}

/** What is in a bucket under the prefix of its address. */
export function bucketObjects(address: BucketAddress, ask: Ask, knows: Knows): Objects {
  const { prefix } = address;
  const label = labelOfBucket(address);
  const keyOf = (path: string) => `${prefix}${path}`;

  async function list(folder: string, depth: 'here' | 'all'): Promise<Listed> {
    const objects = new Map<string, Stored>();
    const folders: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const { body, headers } = await ask({
        method: 'GET',
        key: '',
        query: {
          ...(token === undefined ? {} : { 'continuation-token': token }),
          ...(depth === 'here' ? { delimiter: '/' } : {}),
          'list-type': '2',
          prefix: keyOf(folder),
        },
      });
      const xml = body.toString('utf8');
      // A login page of some network must not look like an empty bucket.
      if (!/<ListBucketResult[\s>]/.test(xml)) throw bucketSaid(label, 'something that is no listing')();
      for (const each of elements(xml, 'Contents')) addTo(objects, each);
      for (const each of elements(xml, 'CommonPrefixes')) {
        const path = pathOf(textIn(each, 'Prefix'));
        if (path !== undefined) folders.push(path);
      }
      const next = textIn(xml, 'IsTruncated') === 'true' ? textIn(xml, 'NextContinuationToken') : undefined;
      if (next === undefined || next === token) {
        if (textIn(xml, 'IsTruncated') === 'true') throw bucketSaid(label, 'half a listing, and not how it goes on')();
        return { now: timeOf(headers.get('date')), objects, folders };
      }
      token = next;
    }
    throw bucketSaid(label, 'a listing without an end')();
  }

  function addTo(objects: Map<string, Stored>, xml: string): void {
    const path = pathOf(textIn(xml, 'Key'));
    const bytes = Number(textIn(xml, 'Size'));
    // What ends in a slash is how some programs draw a folder.
    if (path === undefined || path.endsWith('/') || !Number.isSafeInteger(bytes)) return;
    objects.set(path, { bytes, written: timeOf(textIn(xml, 'LastModified')) });
  }

  /** Undefined for what no key of ours could be. */
  function pathOf(key: string | undefined): string | undefined {
    if (key === undefined || !key.startsWith(prefix) || key.length === prefix.length) return undefined;
    const path = key.slice(prefix.length);
    return path.split('/').some((part) => part === '.' || part === '..') ? undefined : path;
  }

  function timeOf(said: string | null | undefined): number {
    const time = Date.parse(said ?? '');
    if (Number.isNaN(time)) throw bucketSaid(label, 'something without a time')();
    return time;
  }

  async function read(path: string, range: Range = { most: LARGEST_FILE }): Promise<Buffer | undefined> {
    const isHead = 'first' in range;
    if (isHead && range.first === 0) return Buffer.alloc(0);
    try {
      const { status, body } = await ask({
        method: 'GET',
        key: keyOf(path),
        ...(isHead ? { headers: { range: `bytes=0-${range.first - 1}` } } : { most: range.most }),
        // 416: nothing is there to begin with.
        also: ['NoSuchKey', 416],
      });
      if (status === 416) return Buffer.alloc(0);
      return status < 300 ? cut(body, range) : undefined;
    } catch (error) {
      if (error instanceof TooLarge)
        throw backupDamaged(path, `has ${error.bytes} bytes, more than it may have`)(error);
      throw error;
    }
  }

  async function replace(path: string, bytes: Uint8Array): Promise<void> {
    await ask({ method: 'PUT', key: keyOf(path), body: bytes });
  }

  async function create(path: string, bytes: Uint8Array): Promise<boolean> {
    if (knows.conditions) {
      const { status } = await ask({
        method: 'PUT',
        key: keyOf(path),
        body: bytes,
        headers: { 'if-none-match': '*' },
        also: [412, 501, 'NotImplemented'],
      });
      if (status < 300) return true;
      if (status === 412) return false;
      knows.conditions = false;
    }
    await replace(path, bytes);
    return true;
  }

  async function remove(paths: readonly string[]): Promise<boolean> {
    let isSure = true;
    const took = ({ tries }: Answer) => {
      isSure &&= tries === 1;
    };
    for (let from = 0; from < paths.length; from += REMOVED_AT_ONCE) {
      const some = paths.slice(from, from + REMOVED_AT_ONCE);
      if (some.length === 1 || !knows.removesMany || !(await removeMany(some, took))) await removeEach(some, took);
    }
    return isSure;
  }

  /** False where the bucket does not know how. */
  async function removeMany(paths: readonly string[], took: (answer: Answer) => void): Promise<boolean> {
    const objects = paths.map((path) => `<Object><Key>${escaped(keyOf(path))}</Key></Object>`).join('');
    const answer = await ask({
      method: 'POST',
      key: '',
      query: { delete: '' },
      headers: { 'content-type': 'application/xml' },
      body: Buffer.from(`<Delete><Quiet>true</Quiet>${objects}</Delete>`),
      also: [405, 501, 'NotImplemented', 'InvalidArgument'],
    });
    if (answer.status >= 300) {
      knows.removesMany = false;
      return false;
    }
    took(answer);
    const failed = elements(answer.body.toString('utf8'), 'Error').map((each) => ({
      key: textIn(each, 'Key'),
      code: textIn(each, 'Code') ?? '',
    }));
    const left = failed.flatMap(({ key, code }) => (code === 'NoSuchKey' ? [] : (pathOf(key) ?? [])));
    if (failed.some(({ code }) => code === 'AccessDenied')) throw bucketNotAllowed(label, 'remove')();
    await removeEach(left, took);
    return true;
  }

  async function removeEach(paths: readonly string[], took: (answer: Answer) => void): Promise<void> {
    const waiting = [...paths];
    const oneByOne = async () => {
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
        took(await ask({ method: 'DELETE', key: keyOf(path), also: ['NoSuchKey'] }));
    };
    const ends = await Promise.allSettled(Array.from({ length: SINGLE_AT_ONCE }, oneByOne));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  return { list, read, create, replace, remove };
}
