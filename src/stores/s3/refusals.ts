import type { OverwinterError } from '../../core/errors.ts';
import {
  bucketClock,
  bucketElsewhere,
  bucketFull,
  bucketKeyUnknown,
  bucketMissing,
  bucketNotAllowed,
  bucketSaid,
  bucketSecretWrong,
  bucketSendsAway,
  bucketTokenOver,
} from '../../core/problems/buckets.ts';
import { textIn } from './xml.ts';

/** What was answered, as far as it says why something was not done. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Asked {
  readonly label: string;
  readonly bucket: string;
  readonly method: string;
  readonly now: Date;
}

const LONGEST_WORD = 300;

const PASSING = [408, 409, 425, 429, 500, 502, 503, 504];
/** They say 400, and the next try may do. */
const PASSING_CODES = ['RequestTimeout', 'BadDigest', 'XAmzContentSHA256Mismatch', 'SlowDown', 'InternalError'];

export const codeIn = (body: string): string | undefined => textIn(body, 'Code');

/** Whether another try may have another answer. */
export const mayPass = ({ status, body }: Refusal): boolean =>
  PASSING.includes(status) || PASSING_CODES.includes(codeIn(body) ?? '');

const VERBS: Readonly<Record<string, string>> = { GET: 'list or read', PUT: 'write', POST: 'remove', DELETE: 'remove' };

/** Why a bucket did not do what it was asked for, where asking again would not help. Of what it says no more is told than its code and a sentence. */
export function refusalOf(refusal: Refusal, { label, bucket, method, now }: Asked): OverwinterError {
  const { status, headers, body } = refusal;
  const code = codeIn(body);
  switch (code) {
    case 'InvalidAccessKeyId':
      return bucketKeyUnknown(label)();
    case 'SignatureDoesNotMatch':
      return bucketSecretWrong(label)();
    case 'ExpiredToken':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return bucketTokenOver(label)();
    case 'NoSuchBucket':
      return bucketMissing(label, bucket)();
    case 'RequestTimeTooSkewed':
      return bucketClock(label, minutesOff(headers, now))();
    case 'QuotaExceeded':
    case 'StorageQuotaExceeded':
      return bucketFull(label)();
  }
  const region = headers.get('x-amz-bucket-region') ?? textIn(body, 'Region');
  const isElsewhere = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'];
  if (region != null && /^[a-z0-9-]{2,40}$/i.test(region) && (isElsewhere.includes(code ?? '') || isRedirect(status)))
    return bucketElsewhere(label, region)();
  if (code === 'AuthorizationHeaderMalformed') return bucketElsewhere(label, '')();
  if (isRedirect(status)) return bucketSendsAway(label, whereTo(headers, body))();
  if (status === 401 || status === 403) return bucketNotAllowed(label, VERBS[method] ?? 'do that', sentenceIn(body))();
  const said = sentenceIn(body);
  const words = [String(status), ...(code === undefined ? [] : [code]), ...(said === undefined ? [] : [`(${said})`])];
  return bucketSaid(label, words.join(' '))();
}

const isRedirect = (status: number) => status >= 300 && status < 400;

function whereTo(headers: Headers, body: string): string {
  const location = headers.get('location') ?? '';
  return URL.canParse(location) ? new URL(location).host : (textIn(body, 'Endpoint') ?? 'another address');
}

function minutesOff(headers: Headers, now: Date): number {
  const there = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(there) ? 0 : Math.round(Math.abs(there - now.getTime()) / 60_000);
}

/** Its own words, as far as they are short. */
function sentenceIn(body: string): string | undefined {
  const said = textIn(body, 'Message')
    ?.replace(/\s+/g, ' ')
    .replace(/[.\s]+$/, '');
  return said === '' || (said?.length ?? 0) > LONGEST_WORD ? undefined : said;
}
