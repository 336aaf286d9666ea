import { describe, expect, test, vi } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { readBucketAddress } from '../../src/stores/s3/address.ts';
import { askOf } from '../../src/stores/s3/ask.ts';
import { bucketObjects } from '../../src/stores/s3/bucket.ts';
import type { Batch } from '../../src/stores/store.ts';
import { storeContract } from '../contracts/store.ts';
import { BUCKET, type FakeS3, fakeS3, KEY, KEYS, type Mischief } from '../support/fake-s3.ts';
import { aDayLater, storeIn } from '../support/in-bucket.ts';

const made = async (changes: Partial<FakeS3>) => {
  const bucket = await fakeS3(changes);
  return { store: storeIn(bucket), again: () => storeIn(bucket), later: () => aDayLater(bucket) };
};

storeContract('a bucket', () => made({ page: 7 }));
storeContract('a bucket without conditions that removes one by one', () =>
  made({ conditions: 'unknown', removesMany: false }),
);

const PART = 'parts/a%20b-5d41402abc4b2a76b9719d911017c592ae3f2b10-00f31c9e.jsonl';
const bytes = Buffer.from('hello');
const SHORTLY = { patience: 400 };

/** What is in the bucket under `app/`, asked without a store around it. */
function objectsOf(bucket: FakeS3) {
  const address = readBucketAddress(bucket.address.replace(/^s3:/, ''));
  const keys = () => ({ id: KEY, secret: KEYS.AWS_SECRET_ACCESS_KEY, token: undefined });
  const world = { fetch, sleep: async () => {}, random: () => 0, now: () => new Date(), patience: 5000 };
  return bucketObjects(address, askOf(address, keys, world), { conditions: true, removesMany: true });
}

async function problemOf(work: Promise<unknown>): Promise<OverwinterError> {
  const error: unknown = await work.then(
    () => 'nothing failed',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OverwinterError)) throw error;
  // Neither a secret nor what the other side repeats of one.
  expect(`${error.message} ${error.hint} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(
    new RegExp(`${KEY}|wJalr|StringToSign|Signature=`),
  );
  return error;
}

describe('what is asked', () => {
  test('each environment and each database has a folder of its own, and all environments are read', async () => {
    const bucket = await fakeS3();
    await storeIn(bucket).batch((batch) => batch.publish('a.json', bytes));
    await storeIn(bucket, { environment: 'a/b c' }).batch((batch) => batch.publish('b.json', bytes));
    await storeIn(bucket, { environment: '..' }).batch((batch) => batch.put(PART, bytes));
    await storeIn(bucket, { folder: '/nowhere/backups/jobs' }).batch((batch) => batch.publish('c.json', bytes));
    expect([...bucket.objects.keys()].sort()).toEqual([
      `app/%2E%2E/${PART}`,
      'app/a%2Fb%20c/b.json',
      'app/production/a.json',
      'app/production/jobs/c.json',
    ]);
    const all = storeIn(bucket, { environment: 'new' });
    expect([...(await all.list('top')).keys()].sort()).toEqual(['a.json', 'b.json']);
    expect(await all.read('b.json')).toEqual(bytes);
    expect([...(await all.list('parts')).keys()]).toEqual([PART]);
    expect([...((await all.only?.('production').list('top')) ?? [])]).toEqual([['a.json', 5]]);
    expect([...(await storeIn(bucket, { folder: '/nowhere/backups/jobs' }).list('top')).keys()]).toEqual(['c.json']);
    // What it writes and thins out is its own.
    await all.batch(async (batch) => expect((await batch.list('top')).size).toBe(0));
  });

  test('a passing fault is tried again, after a pause that grows or the one that is asked for', async () => {
    const faults: Mischief[] = [
      'reset',
      { status: 503, code: 'SlowDown', headers: { 'retry-after': '2' } },
      { status: 409, code: 'OperationAborted' },
      { status: 429 },
      { status: 400, code: 'RequestTimeout' },
    ];
    for (const what of ['PUT', 'GET', 'DELETE', 'POST delete', 'GET list']) {
      const bucket = await fakeS3();
      const slept: number[] = [];
      const store = storeIn(bucket, {}, { slept });
      const left = [...faults];
      bucket.meddle = (request) => (request.startsWith(what) ? left.shift() : undefined);
      await store.batch(async (batch) => {
        await batch.publish('a.json', bytes);
        expect(await batch.read('a.json')).toEqual(bytes);
        await batch.remove(['a.json']);
        await batch.remove(['a.json', 'b.json']);
      });
      expect(left, what).toEqual([]);
      // It is 0.75 of the longest each, but for the second, which was wished for.
      expect(slept, what).toEqual([225, 2000, 900, 1800, 3600]);
      expect(bucket.objects.size).toBe(0);
    }
  });

  test('half an answer, none, and one that is lost are no answers', async () => {
    const bucket = await fakeS3();
    const store = storeIn(bucket);
    await store.batch((batch) => batch.publish('a.json', bytes));
    for (const fault of ['cut', 'lost', 'hang'] as const) {
      let once: Mischief | undefined = fault;
      bucket.meddle = (request) => {
        const now = request.startsWith('GET') ? once : undefined;
        if (now !== undefined) once = undefined;
        return now;
      };
      expect([...(await storeIn(bucket, {}, SHORTLY).list('top')).keys()], fault).toEqual(['a.json']);
      once = fault;
      expect(await storeIn(bucket, {}, SHORTLY).only?.('production').read('a.json'), fault).toEqual(bytes);
    }
    let lost: Mischief | undefined = 'lost';
    bucket.meddle = (request) => {
      const now = request.startsWith('PUT') ? lost : undefined;
      lost = now === undefined ? lost : undefined;
      return now;
    };
    // The second try finds what the first wrote, and that is it.
    await store.batch((batch) => batch.publish('b.json', bytes));
    expect(bucket.asked.filter((each) => each === 'PUT app/production/b.json')).toHaveLength(2);
  });

  test('it ends, and says after how many tries', async () => {
    const bucket = await fakeS3({ meddle: () => ({ status: 503, code: 'SlowDown' }) });
    const slept: number[] = [];
    const error = await problemOf(storeIn(bucket, {}, { slept }).list('top'));
    expect(error).toMatchObject({ code: 'STORE_FAILED' });
    expect(error.message).toContain('it answered 503 SlowDown (6 tries)');
    expect(bucket.asked).toHaveLength(6);
    expect(Math.max(...slept)).toBeLessThanOrEqual(10_000);
    const gone = await problemOf(
      storeIn({ ...bucket, address: `s3://${BUCKET}?endpoint=http://127.0.0.1:1` }).list('top'),
    );
    expect(gone.message).toMatch(/out of reach: .+ \(\d tr/);
    // That a fetch failed says nothing; what lies behind it does.
    expect(gone.message).not.toContain('fetch failed');
  });

  test('a bucket that knows no conditions, or no removals of many, is asked for them once', async () => {
    const bucket = await fakeS3({ conditions: 'unknown', removesMany: false });
    const store = storeIn(bucket);
    const askedTo = async (work: (batch: Batch) => Promise<unknown>) => {
      bucket.asked.length = 0;
      await store.batch(work);
      return bucket.asked.map((each) => each.replace('app/production/', '')).filter((each) => !/^GET/.test(each));
    };
    expect(await askedTo((batch) => batch.put(PART, bytes))).toEqual([`PUT ${PART}`, `PUT ${PART}`]);
    expect(await askedTo((batch) => batch.put(PART, bytes))).toEqual([`PUT ${PART}`]);
    const remove = (batch: Batch) => batch.remove(['a.json', 'b.json']);
    expect(await askedTo(remove)).toEqual(['POST delete', 'DELETE b.json', 'DELETE a.json']);
    expect(await askedTo(remove)).toEqual(['DELETE b.json', 'DELETE a.json']);
  });

  test('no request removes more than a bucket takes at once, and none is sent for nothing', async () => {
    for (const [many, asked] of [
      [1000, ['POST delete']],
      [1001, ['POST delete', 'DELETE app/1000']],
      [2000, ['POST delete', 'POST delete']],
    ] as const) {
      const bucket = await fakeS3();
      const paths = Array.from({ length: many }, (_, n) => `${n}`);
      for (const path of paths) bucket.objects.set(`app/${path}`, { bytes, written: 0 });
      await objectsOf(bucket).remove(paths);
      expect([bucket.objects.size, bucket.asked]).toEqual([0, asked]);
    }
  });

  test('what a bucket did not remove with the others is removed by itself, and names are not taken apart', async () => {
    const said = (key: string, code: string) => `<Error><Key>${key}</Key><Code>${code}</Code></Error>`;
    const bucket = await fakeS3();
    const [odd, other] = ['a&b<c>.json', 'other.json'];
    const answers = [
      said('app/gone.json', 'NoSuchKey') +
        said('app/a&amp;b&lt;c&gt;.json', 'InternalError') +
        said('else', 'InternalError'),
      said('app/a&amp;b&lt;c&gt;.json', 'AccessDenied'),
    ];
    bucket.meddle = (request) =>
      request === 'POST delete' ? { status: 200, text: `<DeleteResult>${answers.shift()}</DeleteResult>` } : undefined;
    const objects = objectsOf(bucket);
    await objects.remove([odd, 'gone.json', other]);
    expect(bucket.asked).toEqual(['POST delete', `DELETE app/${odd}`]);
    expect((await problemOf(objects.remove([odd, other]))).message).toContain('may not remove');
    bucket.meddle = () => undefined;
    for (const path of [odd, other]) bucket.objects.set(`app/${path}`, { bytes, written: 0 });
    await objects.remove([odd, other]);
    expect(bucket.objects.size).toBe(0);
  });

  test('one by one they are removed a few at once, and what fails is said once all have ended', async () => {
    const bucket = await fakeS3({ removesMany: false });
    const paths = Array.from({ length: 20 }, (_, n) => `${n}`);
    for (const path of paths) bucket.objects.set(`app/${path}`, { bytes, written: 0 });
    bucket.meddle = (request) => (request === 'DELETE app/7' ? { status: 403, code: 'AccessDenied' } : undefined);
    expect((await problemOf(objectsOf(bucket).remove(paths))).message).toContain('may not remove');
    expect([...bucket.objects.keys()]).toEqual(['app/7']);
  });

  test('a removal that was asked for twice may still be on its way', async () => {
    const address = readBucketAddress('//bucket');
    for (const [tries, isSure] of [
      [[1, 1], true],
      [[1, 2], false],
      [[2, 1], false],
    ] as const) {
      const left = [...tries];
      const ask = async () => ({
        status: 204,
        headers: new Headers(),
        body: Buffer.alloc(0),
        tries: left.shift() ?? 0,
      });
      const objects = bucketObjects(address, ask, { conditions: true, removesMany: false });
      expect(await objects.remove(['a', 'b'])).toBe(isSure);
    }
  });

  test('an answer that comes slowly is waited for as long as it comes, and a silent one is not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const address = readBucketAddress('//bucket');
      const world = { sleep: async () => {}, random: () => 0, now: () => new Date(), patience: 1000 };
      const slowly = (pause: number): typeof fetch => {
        return async (_, init) =>
          new Response(
            new ReadableStream({
              async pull(body) {
                for (const chunk of ['a', 'b', 'c']) {
                  await vi.advanceTimersByTimeAsync(pause);
                  if (init?.signal?.aborted) return body.error(new TypeError('aborted'));
                  body.enqueue(Buffer.from(chunk));
                }
                body.close();
              },
            }),
          );
      };
      const keys = () => ({ id: 'id', secret: 'secret', token: undefined });
      const ask = (pause: number) =>
        askOf(address, keys, { ...world, fetch: slowly(pause) })({ method: 'GET', key: 'a' });
      expect(String((await ask(900)).body)).toBe('abc');
      await expect(ask(1001)).rejects.toMatchObject({ message: expect.stringContaining('it said nothing for 1 sec') });
    } finally {
      vi.useRealTimers();
    }
  });

  test('a host may be told not to look at what signatures say of the bytes', async () => {
    const bucket = await fakeS3();
    await storeIn({ ...bucket, address: `${bucket.address}&payload=unsigned` }).batch((batch) =>
      batch.put(PART, bytes),
    );
    expect(bucket.objects.get(`app/production/${PART}`)?.bytes).toEqual(bytes);
  });

  test('a token that is signed too, and odd characters in a prefix', async () => {
    const bucket = await fakeS3();
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'a-token/+=' };
    const odd = { ...bucket, address: bucket.address.replace('/app?', "/it's (mine), ~ *!/x?") };
    await storeIn(odd, { env }).batch((batch) => batch.put(PART, bytes));
    expect([...bucket.objects.keys()]).toEqual([`it's (mine), ~ *!/x/production/${PART}`]);
    expect(await storeIn(odd, { env }).read(PART)).toEqual(bytes);
  });
});

describe('what refuses for good is told apart, once, with what to do', () => {
  const saying = (message: string) => `<Error><Message>${message}.</Message></Error>`;
  const REFUSALS: readonly (readonly [string, Partial<FakeS3>, Record<string, string>, RegExp])[] = [
    ['an unknown key', {}, { AWS_ACCESS_KEY_ID: 'AKIAOTHER' }, /does not know the key/],
    ['a wrong secret', {}, { AWS_SECRET_ACCESS_KEY: 'wrong' }, /AWS_SECRET_ACCESS_KEY is not the secret/],
    ['no key', {}, { AWS_ACCESS_KEY_ID: ' ' }, /AWS_ACCESS_KEY_ID is not set/],
    ['no secret', {}, { AWS_SECRET_ACCESS_KEY: '' }, /AWS_SECRET_ACCESS_KEY is not set/],
    ['another region', { region: 'eu-central-1' }, {}, /in another region.*'eu-central-1'.*region=eu-central-1/s],
    ['no right to list', { forbidden: ['list'] }, {}, /may not list or read/],
    [
      'a bucket elsewhere',
      {
        meddle: () => ({
          status: 301,
          code: 'PermanentRedirect',
          headers: { 'x-amz-bucket-region': 'ap-southeast-2' },
        }),
      },
      {},
      /region=ap-southeast-2/,
    ],
    [
      'a redirect',
      { meddle: () => ({ status: 307, headers: { location: 'https://evil.example.org/x?y' } }) },
      {},
      /sends to evil\.example\.org/,
    ],
    ['a full bucket', { meddle: () => ({ status: 403, code: 'QuotaExceeded' }) }, {}, /takes no more/],
    ['a token that is over', { meddle: () => ({ status: 400, code: 'ExpiredToken' }) }, {}, /AWS_SESSION_TOKEN/],
    ['a page of something else', { meddle: () => ({ status: 200, text: '<html>Log in</html>' }) }, {}, /no listing/],
    ['something else', { meddle: () => ({ status: 418, code: 'Teapot' }) }, {}, /418 Teapot \(It is Teapot\)/],
    ['something else, without a word', { meddle: () => ({ status: 418, text: saying('') }) }, {}, /418\. /],
    ['something else, at length', { meddle: () => ({ status: 418, text: saying('x'.repeat(301)) }) }, {}, /418\. /],
  ];
  test.each(REFUSALS)('%s', async (_, changes, env, words) => {
    const bucket = await fakeS3(changes);
    const error = await problemOf(storeIn(bucket, { env: { ...KEYS, ...env } }).list('top'));
    expect(error.code).toBe('STORE_FAILED');
    expect(`${error.message} ${error.hint}`).toMatch(words);
    expect(bucket.asked.length).toBeLessThanOrEqual(1);
  });

  test('a bucket that is not there', async () => {
    const bucket = await fakeS3();
    const error = await problemOf(
      storeIn({ ...bucket, address: bucket.address.replace(BUCKET, 'another') }).list('top'),
    );
    expect(error.message).toContain("no bucket 'another'");
  });

  test('a clock that is wrong, and by how much', async () => {
    const bucket = await fakeS3();
    const store = storeIn(bucket);
    bucket.ahead = 0;
    const ahead = { ...bucket, ahead: 40 * 60_000 };
    const error = await problemOf(storeIn(ahead).list('top'));
    expect(error.message).toContain('wrong by 40 minutes');
    expect((await store.list('top')).size).toBe(0);
  });

  test('a key that may not write, read or remove', async () => {
    for (const [right, words] of [
      ['write', /may not write/],
      ['read', /may not list or read/],
      ['remove', /may not remove/],
    ] as const) {
      const bucket = await fakeS3({ forbidden: [right] });
      const work = storeIn(bucket).batch(async (batch) => {
        await batch.publish('a.json', bytes);
        await batch.read('a.json');
        await batch.remove(['a.json', 'b.json']);
      });
      expect((await problemOf(work)).message).toMatch(words);
    }
  });
});

describe('names', () => {
  test('what is torn under a name that says what it stands for is written anew', async () => {
    const bucket = await fakeS3();
    const store = storeIn(bucket);
    bucket.objects.set('app/production/backup_20261120_231500_4f1c2a9b.json', {
      bytes: Buffer.from('{"tor'),
      written: 0,
    });
    await store.batch((batch) => batch.publish('backup_20261120_231500_4f1c2a9b.json', bytes));
    expect(await store.read('backup_20261120_231500_4f1c2a9b.json')).toEqual(bytes);
  });

  test.each([
    '//',
    '//x',
    '//me:hunter2@bucket/x',
    '//bucket/../x',
    '//bucket/a?b',
    '//bucket?secret=hunter2',
    '//bucket?region=a&region=b',
    '//bucket?region=not a region',
    '//bucket?payload=no',
    '//bucket?http=yes',
    '//bucket?endpoint=hunter2',
    '//bucket?endpoint=ftp://hunter2.example.org',
    '//bucket?endpoint=https://me:hunter2@example.org',
    '//bucket?endpoint=https://example.org/?hunter2',
    '//bucket?endpoint=http://hunter2.example.org',
    'bucket/x',
  ])('%s is refused, and not repeated', (rest) => {
    expect(() => readBucketAddress(rest)).toThrow(OverwinterError);
    try {
      readBucketAddress(rest);
    } catch (error) {
      expect(String(error)).not.toContain('hunter2');
    }
  });

  test('where requests go', () => {
    const at = (rest: string) => {
      const { origin, path, prefix, region } = readBucketAddress(rest);
      return [origin, path, prefix, region];
    };
    expect(at('//bucket')).toEqual(['https://bucket.s3.us-east-1.amazonaws.com', '/', '', 'us-east-1']);
    expect(at('//bucket/a//b/?region=eu-west-1')).toEqual([
      'https://bucket.s3.eu-west-1.amazonaws.com',
      '/',
      'a/b/',
      'eu-west-1',
    ]);
    expect(at('//my.bucket/a?region=cn-north-1')).toEqual([
      'https://s3.cn-north-1.amazonaws.com.cn',
      '/my.bucket/',
      'a/',
      'cn-north-1',
    ]);
    expect(at('//bucket/a?endpoint=https://s3.example.org/base/&region=auto')).toEqual([
      'https://s3.example.org',
      '/base/bucket/',
      'a/',
      'auto',
    ]);
    expect(at('//bucket?endpoint=http://minio:9000&http=allow')[0]).toBe('http://minio:9000');
  });
});

test('what is signed is what everybody signs', async () => {
  const { signed } = await import('../../src/stores/s3/sign.ts');
  // Amazon's documentation has this request and its signature.
  const url = new URL('https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J');
  const keys = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', token: undefined };
  const headers = signed(
    { method: 'GET', url, body: new Uint8Array(), region: 'us-east-1', signsPayload: true },
    keys,
    new Date('2013-05-24T00:00:00Z'),
  );
  expect(headers.authorization).toContain('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7');
});

describe('a bucket that answers with anything', () => {
  const listing = (inner: string) => ({ status: 200, text: `<ListBucketResult>${inner}</ListBucketResult>` });
  const entry = (key: string, size = '1') =>
    `<Contents><Key>${key}</Key><LastModified>2026-11-20T10:00:00Z</LastModified><Size>${size}</Size></Contents>`;

  test('keys that lead elsewhere, and sizes that are none, are nobody’s', async () => {
    const odd = ['app/production/../x.json', 'app/production/', 'elsewhere/x.json', 'app/production/./y.json', '&#x0;'];
    const entries = [
      ...odd.map((key) => entry(key)),
      entry('app/production/z.json', 'many'),
      entry('app/production/a&amp;b.json'),
      entry('app/production/c&#38;&#x26;&nbsp;.json'),
    ];
    const bucket = await fakeS3({ meddle: () => listing(entries.join('')) });
    expect([...((await storeIn(bucket).only?.('production').list('top')) ?? [])]).toEqual([
      ['a&b.json', 1],
      ['c&&&nbsp;.json', 1],
    ]);
  });

  test('a listing without an end, or half of one, is none', async () => {
    const page = '<IsTruncated>true</IsTruncated>';
    let pages = 0;
    const turns: ((n: number) => string)[] = [
      () => page,
      () => `${page}<NextContinuationToken>same</NextContinuationToken>`,
      (n) => `${page}<NextContinuationToken>${n}</NextContinuationToken>`,
    ];
    for (const turn of turns) {
      const bucket = await fakeS3({ meddle: () => listing(turn(++pages)) });
      expect((await problemOf(storeIn(bucket).list('top'))).message).toMatch(/half a listing|without an end/);
    }
  });

  test('a listing or an object that does not say when is none: what is old is removed', async () => {
    const date = { date: 'some day' };
    const timeless = [
      listing('<Contents><Key>app/production/a.json</Key><Size>1</Size></Contents>'),
      { ...listing(entry('app/production/a.json')), headers: date },
    ];
    for (const told of timeless) {
      const bucket = await fakeS3({ meddle: () => told });
      expect(
        (await problemOf(storeIn(bucket).only?.('production').list('top') ?? Promise.resolve())).message,
      ).toContain('without a time');
    }
  });

  test('of nothing that is wanted nothing is asked', async () => {
    const bucket = await fakeS3();
    expect(await objectsOf(bucket).read('a.json', { first: 0 })).toEqual(Buffer.alloc(0));
    expect(bucket.asked).toEqual([]);
  });

  test('a key as long as the prefix is no path, and one that only contains dots is', async () => {
    const bucket = await fakeS3({ meddle: () => listing(entry('app/') + entry('app/a..b') + entry('app/..c')) });
    expect([...(await objectsOf(bucket).list('', 'all')).objects.keys()]).toEqual(['a..b', '..c']);
  });

  test('more bytes than there may be are not read, whatever it says of them', async () => {
    const bucket = await fakeS3();
    const store = storeIn(bucket).only?.('production');
    bucket.objects.set('app/production/a.json', { bytes: Buffer.alloc(5000), written: 0 });
    await expect(store?.read('a.json', { most: 4999 })).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    expect((await store?.read('a.json', { most: 5000 }))?.length).toBe(5000);
    // One that does not know of beginnings gives all of it.
    bucket.meddle = () => ({ status: 200, text: 'hello' });
    expect(String(await store?.read('a.json', { first: 2 }))).toBe('he');
    // And an empty file has none.
    bucket.meddle = () => undefined;
    bucket.objects.set('app/production/a.json', { bytes: Buffer.alloc(0), written: 0 });
    expect(await store?.read('a.json', { first: 10 })).toEqual(Buffer.alloc(0));
  });
});
