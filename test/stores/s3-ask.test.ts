import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { labelOfBucket, readBucketAddress } from '../../src/stores/s3/address.ts';
import { askOf, type Question } from '../../src/stores/s3/ask.ts';

/* How a bucket is asked, and asked again: with a web that answers as it is told. */

const BEGIN = Date.parse('2026-12-01T10:00:00Z');
const KEYS = { id: 'id', secret: 'secret', token: undefined };
const LIST: Question = { method: 'GET', key: '' };

type Told = (url: string, init: RequestInit) => Response | Promise<Response>;

/** A bucket that answers each time as the next of these says, and the last of them from then on. */
function bucketSaying(tells: readonly Told[], address = '//bucket', signal?: AbortSignal) {
  const clock = { now: BEGIN };
  const asked: { readonly url: string; readonly init: RequestInit }[] = [];
  const slept: number[] = [];
  const ask = askOf(
    readBucketAddress(address),
    () => KEYS,
    {
      async fetch(url, init = {}) {
        asked.push({ url: String(url), init });
        const tell = tells[Math.min(asked.length, tells.length) - 1];
        if (tell === undefined) throw new Error('nobody was to be asked');
        return tell(String(url), init);
      },
      async sleep(milliseconds) {
        slept.push(milliseconds);
        clock.now += milliseconds;
      },
      random: () => 1,
      now: () => new Date(clock.now),
      patience: 1000,
    },
    signal,
  );
  return { ask, asked, slept, clock };
}

const fine = (body = 'it', headers: Record<string, string> = {}) => new Response(body, { headers });
const busy = (headers: Record<string, string> = {}) => new Response('', { status: 503, headers });
const saying = (code: string, status = 400, message = '') =>
  new Response(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`, { status });

async function problemOf(work: Promise<unknown>): Promise<OverwinterError> {
  const error: unknown = await work.then(
    () => 'nothing failed',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OverwinterError)) throw error;
  return error;
}

describe('a bucket that has too much to do', () => {
  test.each([
    ['so many seconds', { 'retry-after': '3' }, 3000],
    ['until then', { 'retry-after': new Date(BEGIN + 5000).toUTCString() }, 5000],
    ['until a time that is over', { 'retry-after': new Date(BEGIN - 5000).toUTCString() }, 0],
    ['for an hour, which is too long', { 'retry-after': '3600' }, 30_000],
    ['for a time that is none', { 'retry-after': 'a while' }, 300],
    ['without a word of how long', {}, 300],
  ])('is left alone %s', async (_, headers, pause) => {
    const { ask, slept } = bucketSaying([() => busy(headers), () => fine()]);
    expect(await ask(LIST)).toMatchObject({ status: 200, tries: 2 });
    expect(slept).toEqual([pause]);
  });

  test('is asked no more after a minute and a half, which an app would wait at its start', async () => {
    const { ask, asked, slept } = bucketSaying([() => busy({ 'retry-after': '30' })]);
    expect((await problemOf(ask(LIST))).message).toContain('(4 tries)');
    // A try that would begin just then still does.
    expect(slept).toEqual([30_000, 30_000, 30_000]);
    expect(asked).toHaveLength(4);
  });

  test('is not asked again for whoever was told to stop', async () => {
    const stop = new AbortController();
    const stops = () => {
      stop.abort();
      return busy();
    };
    const { ask, asked } = bucketSaying([stops], '//bucket', stop.signal);
    await problemOf(ask(LIST));
    expect(asked).toHaveLength(1);
  });
});

describe('what a bucket says', () => {
  test('is told with its code, and with nothing that is no code', async () => {
    const coded = bucketSaying([() => saying('SlowDown', 503)]);
    expect((await problemOf(coded.ask(LIST))).message).toContain('it answered 503 SlowDown (');
    const chatty = bucketSaying([() => saying('a page of what was sent', 503)]);
    expect((await problemOf(chatty.ask(LIST))).message).toContain('it answered 503 (');
  });

  test('is an answer where it was asked for, by its status or its code', async () => {
    const { ask } = bucketSaying([() => saying('NoSuchKey', 404)]);
    for (const also of [[404], ['NoSuchKey'], [500, 404], ['Other', 'NoSuchKey']])
      expect((await ask({ ...LIST, also })).status).toBe(404);
    await expect(ask({ ...LIST, also: [405, 'Other'] })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('is read to its end where it refuses, however little was to be read of a right answer', async () => {
    const { ask } = bucketSaying([() => saying('InvalidAccessKeyId', 403, 'x'.repeat(2000))]);
    expect((await problemOf(ask({ ...LIST, most: 10 }))).message).toContain('does not know the key');
  });

  test('is not read where it says that it is too large, and read no further than it may be where it does not', async () => {
    for (const headers of [{ 'content-length': '11' }, {}]) {
      let given = 0;
      const body = () =>
        new ReadableStream({
          pull(stream) {
            given++;
            stream.enqueue(Buffer.from('12345'));
          },
        });
      const { ask, asked } = bucketSaying([() => new Response(body(), { headers })]);
      await expect(ask({ ...LIST, most: 10 })).rejects.toMatchObject({ bytes: expect.any(Number) });
      expect(asked).toHaveLength(1);
      expect(given).toBeLessThan(6);
    }
    const { ask } = bucketSaying([() => fine('1234567890')]);
    expect(String((await ask({ ...LIST, most: 10 })).body)).toBe('1234567890');
  });

  test('is no answer where it ends before its end', async () => {
    const { ask } = bucketSaying([
      () => fine('abc', { 'content-length': '5' }),
      () => fine('abcde', { 'content-length': '5' }),
    ]);
    expect(await ask(LIST)).toMatchObject({ body: Buffer.from('abcde'), tries: 2 });
    // What was compressed on the way is longer than it says.
    const squeezed = bucketSaying([() => fine('abcde', { 'content-length': '3', 'content-encoding': 'gzip' })]);
    expect(await squeezed.ask(LIST)).toMatchObject({ body: Buffer.from('abcde'), tries: 1 });
  });
});

describe('a bucket that is not reached', () => {
  const failing = (message: string, cause?: unknown) => () => Promise.reject(new TypeError(message, { cause }));

  test('is told of by what lies behind it, where that says anything', async () => {
    for (const [cause, words] of [
      [new Error('connect ECONNREFUSED 127.0.0.1:9'), 'connect ECONNREFUSED'],
      // Of two addresses that are both not reached it says nothing.
      [new AggregateError([new Error('one'), new Error('two')], ''), 'fetch failed'],
      ['nothing', 'fetch failed'],
    ] as const) {
      const { ask, asked } = bucketSaying([failing('fetch failed', cause)]);
      expect((await problemOf(ask(LIST))).message).toContain(words);
      expect(asked).toHaveLength(6);
    }
  });

  test.each(['self-signed certificate', 'unable to verify the first certificate', 'self signed root'])(
    'because of its certificate is not asked again: %s',
    async (reason) => {
      const { ask, asked } = bucketSaying([failing('fetch failed', new Error(reason))]);
      expect((await problemOf(ask(LIST))).message).toContain(reason);
      expect(asked).toHaveLength(1);
    },
  );

  test('is no fault of ours, and one of ours is not told as such', async () => {
    const { ask, asked } = bucketSaying([() => Promise.reject(new RangeError('a fault of ours'))]);
    await expect(ask(LIST)).rejects.toThrow('a fault of ours');
    expect(asked).toHaveLength(1);
  });
});

describe('how long is waited', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  /** Answers after so long, unless it is told to stop before. */
  const after =
    (milliseconds: number): Told =>
    (_, { signal }) =>
      new Promise((answer, fail) => {
        if (signal?.aborted) return fail(new TypeError('aborted'));
        setTimeout(() => answer(fine()), milliseconds);
        signal?.addEventListener('abort', () => fail(new TypeError('aborted')));
        void vi.advanceTimersByTimeAsync(milliseconds);
      });

  test('for what is sent over a slow line depends on how much it is, and for all else it does not', async () => {
    const put: Question = { method: 'PUT', key: 'a', body: Buffer.alloc(160_000) };
    const [intime, late] = [bucketSaying([after(10_999)]), bucketSaying([after(11_001)])];
    expect(await intime.ask(put)).toMatchObject({ status: 200, tries: 1 });
    expect((await problemOf(late.ask(put))).message).toContain('it said nothing for 1 second');
    expect((await problemOf(bucketSaying([after(1001)]).ask(LIST))).message).toContain('it said nothing');
  });

  test('nothing is waited for any more once there is an answer, or none', async () => {
    await bucketSaying([() => fine()]).ask(LIST);
    await problemOf(bucketSaying([() => saying('Teapot', 418)]).ask(LIST));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('whoever was told to stop before is not kept waiting', async () => {
    const { ask, asked } = bucketSaying([after(900)], '//bucket', AbortSignal.abort());
    await problemOf(ask(LIST));
    expect(asked[0]?.init.signal?.aborted).toBe(true);
  });

  test('whoever is told to stop meanwhile is heard, and nobody listens to them afterwards', async () => {
    const stop = new AbortController();
    const { ask, asked } = bucketSaying(
      [
        (_, { signal }) =>
          new Promise((_answer, fail) => {
            signal?.addEventListener('abort', () => fail(new TypeError('aborted')));
            stop.abort();
          }),
      ],
      '//bucket',
      stop.signal,
    );
    await problemOf(ask(LIST));
    expect(asked).toHaveLength(1);
    const later = new AbortController();
    const done = bucketSaying([() => fine()], '//bucket', later.signal);
    await done.ask(LIST);
    later.abort();
    expect(done.asked[0]?.init.signal?.aborted).toBe(false);
  });
});

describe('where a question goes', () => {
  const urlsOf = async (address: string, ...questions: readonly Question[]) => {
    const { ask, asked } = bucketSaying([() => fine()], address);
    for (const question of questions) await ask(question);
    return asked.map(({ url }) => url);
  };
  const OBJECT: Question = { method: 'GET', key: "a b/c+d'(1).json", query: { 'x y': '1/2', z: '' } };

  test('to the host of the bucket, or to the bucket on a host, without a slash behind it', async () => {
    expect(await urlsOf('//bucket', LIST, OBJECT)).toEqual([
      'https://bucket.s3.us-east-1.amazonaws.com/',
      'https://bucket.s3.us-east-1.amazonaws.com/a%20b/c%2Bd%27%281%29.json?x%20y=1%2F2&z=',
    ]);
    expect(await urlsOf('//bucket?endpoint=https://s3.example.org/base', LIST, { ...OBJECT, query: {} })).toEqual([
      'https://s3.example.org/base/bucket',
      'https://s3.example.org/base/bucket/a%20b/c%2Bd%27%281%29.json',
    ]);
  });

  test('with its bytes, and without any where there are none; and it follows nobody elsewhere', async () => {
    const { ask, asked } = bucketSaying([() => fine()]);
    await ask({ method: 'PUT', key: 'a', body: Buffer.from('it'), headers: { 'if-none-match': '*' } });
    await ask(LIST);
    expect(asked.map(({ init }) => [init.redirect, init.body === undefined])).toEqual([
      ['manual', false],
      ['manual', true],
    ]);
    expect(asked[0]?.init.headers).toMatchObject({ 'if-none-match': '*', authorization: expect.any(String) });
  });
});

describe('the address of a bucket', () => {
  test('says where rows go: to others only where that is secret, or said to be meant', () => {
    for (const loopback of ['localhost', '127.0.0.1:9000', '127.1.2.3', '[::1]:9000'])
      expect(readBucketAddress(`//bucket?endpoint=http://${loopback}`).origin).toContain('http://');
    for (const other of ['127.0.0.1.example.org', 'notlocalhost', 'localhost.example.org', '10.0.0.1'])
      expect(() => readBucketAddress(`//bucket?endpoint=http://${other}`), other).toThrow('without https');
    expect(readBucketAddress('//bucket?endpoint=http://10.0.0.1&http=allow').origin).toBe('http://10.0.0.1');
    expect(() => readBucketAddress('//bucket?endpoint=ftp://10.0.0.1&http=allow')).toThrow('not https');
  });

  test.each([
    ['a password alone', '//bucket?endpoint=https://:hunter2@example.org'],
    ['a name alone', '//bucket?endpoint=https://hunter2@example.org'],
    ['a place on a page', '//bucket?endpoint=https://example.org/%23hunter2'],
    ['a path that is a host', '//bucket?endpoint=https://example.org//hunter2'],
  ])('is not one where its endpoint has %s', (_, rest) => {
    expect(() => readBucketAddress(rest)).toThrow('more than a host');
    expect(() => readBucketAddress(rest)).not.toThrow('hunter2');
  });

  test.each([
    '//bucket/./x',
    '//bucket/../x',
    '//bucket/.../x',
    `//bucket/${'x'.repeat(201)}`,
    '//bucket/a%20b',
    '//bucket/a&b',
  ])('%s has no prefix that can be', (rest) => {
    expect(() => readBucketAddress(rest)).toThrow('prefix');
  });

  test.each(['//-bucket', '//bucket-', '//b', `//${'b'.repeat(64)}`, '//bucket#x', 'x//bucket', '//buc ket'])(
    '%s names no bucket',
    (rest) => {
      expect(() => readBucketAddress(rest)).toThrow('names no bucket');
    },
  );

  test('is short for people, and says who is meant', () => {
    const labelOf = (rest: string) => labelOfBucket(readBucketAddress(rest));
    expect(labelOf('//bucket')).toBe('s3://bucket');
    expect(labelOf('//bucket/a/b/')).toBe('s3://bucket/a/b');
    expect(labelOf('//bucket/a?endpoint=https://s3.example.org:9000/x')).toBe('s3://bucket/a at s3.example.org:9000');
  });

  test('signs what is sent, unless the host cannot check it', () => {
    expect(readBucketAddress('//bucket').signsPayload).toBe(true);
    expect(readBucketAddress('//bucket?payload=signed').signsPayload).toBe(true);
    expect(readBucketAddress('//bucket?payload=unsigned').signsPayload).toBe(false);
  });

  test('with letters that no host has is asked for in the path', () => {
    expect(readBucketAddress('//My-Bucket')).toMatchObject({
      origin: 'https://s3.us-east-1.amazonaws.com',
      path: '/My-Bucket/',
    });
  });
});
