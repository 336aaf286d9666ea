import { expect, test } from 'vitest';
import type { Shortcoming } from '../../src/stores/store.ts';
import { type FakeS3, fakeS3 } from '../support/fake-s3.ts';
import { inBucket } from '../support/in-bucket.ts';

const lookAt = async (bucket: FakeS3): Promise<readonly Shortcoming[]> => (await inBucket(bucket).tryOut?.()) ?? [];

const rules = (...each: readonly string[]) =>
  `<LifecycleConfiguration>${each.map((rule) => `<Rule>${rule}</Rule>`).join('')}</LifecycleConfiguration>`;
const DAYS = '<Expiration><Days>30</Days></Expiration>';
const rule = (prefix: string, then = DAYS, status = 'Enabled') =>
  `<Filter><Prefix>${prefix}</Prefix></Filter><Status>${status}</Status>${then}`;

test('a bucket that keeps what it is given is fine, and nothing stays there', async () => {
  const bucket = await fakeS3();
  expect(await lookAt(bucket)).toEqual([]);
  expect(bucket.objects.size).toBe(0);
});

test.each([
  ['everything', rules(rule(''))],
  ['what begins alike', rules(rule('app'))],
  ['parts alone', rules(rule('app/production/parts/'))],
  ['a day that is named', rules(rule('', '<Expiration><Date>2027-01-01</Date></Expiration>'))],
  ['the second rule', rules(rule('logs/'), rule('app/'))],
  ['a rule in the old form', rules(`<Prefix>app/</Prefix><Status>Enabled</Status>${DAYS}`)],
])('a rule that lets backups expire is a failure: %s', async (_, lifecycle) => {
  const found = await lookAt(await fakeS3({ lifecycle }));
  expect(found).toMatchObject([{ isFailure: true, text: expect.stringContaining('expire') }]);
});

test.each([
  ['about another prefix', rules(rule('logs/'))],
  ['switched off', rules(rule('', DAYS, 'Disabled'))],
  ['about uploads that never ended', rules(rule('', '<AbortIncompleteMultipartUpload/>'))],
  [
    'about marks of what was removed',
    rules(rule('', '<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>')),
  ],
  [
    'about what has a tag',
    rules(`<Filter><And><Prefix></Prefix><Tag><Key>a</Key></Tag></And></Filter><Status>Enabled</Status>${DAYS}`),
  ],
])('a rule that is none of ours is fine: %s', async (_, lifecycle) => {
  expect(await lookAt(await fakeS3({ lifecycle }))).toEqual([]);
});

test('a bucket that anybody can list is a failure', async () => {
  const found = await lookAt(await fakeS3({ isPublic: true }));
  expect(found).toMatchObject([{ isFailure: true, text: expect.stringContaining('Anybody can list') }]);
});

test('a key that may not remove is told and no failure; one that may not write is one', async () => {
  const bucket = await fakeS3({ forbidden: ['remove'] });
  expect(await lookAt(bucket)).toMatchObject([{ isFailure: false, text: expect.stringContaining('may not remove') }]);
  expect(bucket.objects.size).toBe(1);
  await expect(lookAt(await fakeS3({ forbidden: ['write'] }))).rejects.toMatchObject({ code: 'STORE_FAILED' });
});

test('a place that gives back something else than was written there is a failure', async () => {
  const bucket = await fakeS3();
  bucket.meddle = (request) => {
    for (const [key, object] of bucket.objects) bucket.objects.set(key, { ...object, bytes: Buffer.from('other') });
    return request.startsWith('nothing') ? 'reset' : undefined;
  };
  await expect(lookAt(bucket)).rejects.toMatchObject({ code: 'STORE_FAILED' });
});
