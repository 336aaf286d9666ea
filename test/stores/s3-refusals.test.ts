import { expect, test } from 'vitest';
import { mayPass, refusalOf } from '../../src/stores/s3/refusals.ts';

const NOW = new Date('2026-12-01T10:00:00Z');

interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: string;
  readonly body?: string;
}

const refusal = ({ status = 400, headers = {}, code, body = '' }: Said) => ({
  status,
  headers: new Headers(headers),
  body: `<Error>${code === undefined ? '' : `<Code>${code}</Code>`}${body}</Error>`,
});

/** What whoever runs it is told, with what to do. */
function told(said: Said, method = 'GET'): string {
  const { message, hint } = refusalOf(refusal(said), { label: 's3://it', bucket: 'it', method, now: NOW });
  return `${message} ${hint}`;
}

test.each<readonly [string, Said, RegExp]>([
  ['a token that nobody knows', { code: 'InvalidToken' }, /AWS_SESSION_TOKEN/],
  ['a token that is to be asked for anew', { code: 'TokenRefreshRequired' }, /AWS_SESSION_TOKEN/],
  ['storage that is used up', { code: 'StorageQuotaExceeded' }, /takes no more/],
  [
    'another region, in what it says',
    { code: 'AuthorizationHeaderMalformed', body: '<Region>eu-north-1</Region>' },
    /eu-north-1/,
  ],
  ['a region that it does not name', { code: 'AuthorizationHeaderMalformed' }, /in another region/],
  [
    'a place that is no such region',
    { code: 'IllegalLocationConstraintException', headers: { 'x-amz-bucket-region': 'eu-west-3' } },
    /region=eu-west-3/,
  ],
  ['a redirect with its region', { status: 307, headers: { 'x-amz-bucket-region': 'eu-west-3' } }, /region=eu-west-3/],
  [
    'a redirect to a host that it names',
    { status: 301, body: '<Endpoint>s3.other.org</Endpoint>' },
    /sends to s3\.other\.org/,
  ],
  ['a redirect to nowhere', { status: 300, headers: { location: '/x' } }, /sends to another address/],
  ['who does not say who they are', { status: 401 }, /may not list or read/],
  ['a clock, by which nobody knows how much', { code: 'RequestTimeTooSkewed' }, /clock/],
])('%s is told as that', (_, said, words) => {
  expect(told(said)).toMatch(words);
});

test('a region that is named beside another fault is not what is wrong, and one that cannot be is not repeated', () => {
  const headers = { 'x-amz-bucket-region': 'eu-west-3' };
  expect(told({ status: 400, code: 'Teapot', headers })).not.toContain('eu-west-3');
  expect(told({ status: 403, code: 'AccessDenied', headers })).toMatch(/may not list or read/);
  const odd = { 'x-amz-bucket-region': 'a place; rm -rf' };
  expect(told({ status: 301, headers: odd })).not.toContain('rm -rf');
});

test('what may not be done is told by what was to be done', () => {
  const words = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'].map((method) => told({ status: 403 }, method));
  for (const [at, word] of ['list or read', 'write', 'remove', 'remove', 'do that'].entries())
    expect(words[at]).toContain(`may not ${word}`);
});

test('a clock is told with how much it is wrong, in whichever direction', () => {
  for (const date of ['Tue, 01 Dec 2026 10:20:00 GMT', 'Tue, 01 Dec 2026 09:40:00 GMT'])
    expect(told({ code: 'RequestTimeTooSkewed', headers: { date } })).toContain('wrong by 20 minutes');
});

test('its own words are passed on where they are short, in one line and without the point at their end', () => {
  const saying = (message: string) => told({ status: 418, code: 'Teapot', body: `<Message>${message}</Message>` });
  expect(saying('It is\n  a   teapot . ')).toContain('418 Teapot (It is a teapot)');
  expect(saying('x'.repeat(300))).toContain(`(${'x'.repeat(300)})`);
  expect(saying('x'.repeat(301))).not.toContain('xxx');
  expect(saying(' . ')).not.toContain('()');
  expect(told({ status: 418 })).not.toContain('undefined');
});

test('what passes is asked again: by its status, or by a code that others give another', () => {
  for (const status of [408, 409, 425, 429, 500, 502, 503, 504]) expect(mayPass(refusal({ status }))).toBe(true);
  for (const code of ['RequestTimeout', 'BadDigest', 'XAmzContentSHA256Mismatch', 'SlowDown', 'InternalError'])
    expect(mayPass(refusal({ code }))).toBe(true);
  for (const status of [400, 403, 404, 501]) expect(mayPass(refusal({ status, code: 'Other' }))).toBe(false);
  expect(mayPass(refusal({}))).toBe(false);
});
