import { reasonOf } from '../../core/errors.ts';
import { bucketOutOfReach, bucketSaid } from '../../core/problems/buckets.ts';
import { type BucketAddress, labelOfBucket } from './address.ts';
import { codeIn, mayPass, type Refusal, refusalOf } from './refusals.ts';
import { encoded, type Keys, signed } from './sign.ts';

/** What of the world a bucket needs. */
export interface World {
  readonly fetch: typeof fetch;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly now: () => Date;
  /** How long a bucket may say nothing, in milliseconds. */
  readonly patience: number;
}

export interface Question {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** In the bucket; '' is the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** A longer answer is not read. */
  readonly most?: number;
  /** What else is an answer: a status, or a code. */
  readonly also?: readonly (number | string)[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** How often it was asked: what an earlier try did nobody knows. */
  readonly tries: number;
}

export type Ask = (question: Question) => Promise<Answer>;

const TRIES = 6;
const LONGEST_PAUSE = 10_000;
const LONGEST_WISH = 30_000;
/** After so long no other try begins. */
const ENOUGH = 90_000;
/** A slower line than this is a dead one. */
const BYTES_PER_MILLISECOND = 16;
const LARGEST_ANSWER = 64 * 1024 * 1024;
const LARGEST_REFUSAL = 1024 * 1024;

/** An answer has more bytes than were to be read. */
export class TooLarge extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super(`an answer of ${bytes} bytes`);
    this.bytes = bytes;
  }
}

/** Something that another try may mend. */
class Passing extends Error {
  readonly wish: number | undefined;
  constructor(reason: string, wish?: number) {
    super(reason);
    this.wish = wish;
  }
}

/**
 * Asks a bucket, and again where the connection broke or it has too much to do: with growing pauses of random length, or the one that it
 * wishes. Throws STORE_FAILED with the reason where it is out of reach or refuses, and ends with `signal`.
 */
export function askOf(address: BucketAddress, keys: () => Keys, world: World, signal?: AbortSignal): Ask {
  const label = labelOfBucket(address);
  return async (question) => {
    const opened = keys();
    const begun = world.now().getTime();
    for (let tries = 1; ; tries++) {
      try {
        return { ...(await once(address, opened, world, question, signal)), tries };
      } catch (error) {
        if (!(error instanceof Passing)) throw error;
        const pause = error.wish ?? (0.5 + world.random() / 2) * Math.min(LONGEST_PAUSE, 150 * 2 ** tries);
        const isEnough = tries >= TRIES || world.now().getTime() - begun + pause > ENOUGH;
        if (isEnough || signal?.aborted) throw bucketOutOfReach(label, error.message, tries)(error);
        await world.sleep(pause, signal);
      }
    }
  };
}

async function once(
  address: BucketAddress,
  keys: Keys,
  world: World,
  question: Question,
  signal: AbortSignal | undefined,
): Promise<Omit<Answer, 'tries'>> {
  const { method, headers = {}, body = new Uint8Array(), most = LARGEST_ANSWER, also = [] } = question;
  const { region, signsPayload, bucket } = address;
  const label = labelOfBucket(address);
  const url = urlOf(address, question);
  const silence = silenceAfter(world.patience + Math.ceil(body.length / BYTES_PER_MILLISECOND), signal);
  try {
    const response = await world.fetch(url, {
      method,
      headers: { ...headers, ...signed({ method, url, body, region, signsPayload }, keys, world.now()) },
      redirect: 'manual',
      signal: silence.signal,
      ...(body.length === 0 ? {} : { body }),
    });
    silence.heard(world.patience);
    const isFine = response.status >= 200 && response.status < 300;
    const read = await bodyOf(response, isFine ? most : LARGEST_REFUSAL, () => silence.heard(world.patience));
    const answer = { status: response.status, headers: response.headers, body: read };
    if (isFine || also.includes(response.status)) return answer;
    const refusal: Refusal = { ...answer, body: read.toString('utf8') };
    if (also.includes(codeIn(refusal.body) ?? '')) return answer;
    if (mayPass(refusal)) throw new Passing(saidBy(refusal), wishOf(response.headers, world.now()));
    throw refusalOf(refusal, { label, bucket, method, now: world.now() });
  } catch (error) {
    if (silence.signal.aborted) throw new Passing(`it said nothing for ${Math.round(world.patience / 1000)} seconds`);
    // What `fetch` throws is a TypeError, whatever broke.
    if (!(error instanceof TypeError)) throw error;
    const reason = reasonBehind(error);
    if (/certificate|self.signed/i.test(reason)) throw bucketSaid(label, reason)(error);
    throw new Passing(reason);
  } finally {
    silence.end();
  }
}

function urlOf({ origin, path, bucket }: BucketAddress, { key, query = {} }: Question): URL {
  const isBucket = key === '' && path.endsWith(`/${bucket}/`);
  const url = new URL(isBucket ? path.slice(0, -1) : `${path}${key.split('/').map(encoded).join('/')}`, origin);
  url.search = Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
  return url;
}

function silenceAfter(milliseconds: number, given: AbortSignal | undefined) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (given?.aborted) abort();
  given?.addEventListener('abort', abort);
  let timer = setTimeout(abort, milliseconds);
  return {
    signal: controller.signal,
    heard(patience: number) {
      clearTimeout(timer);
      timer = setTimeout(abort, patience);
    },
    end() {
      clearTimeout(timer);
      given?.removeEventListener('abort', abort);
    },
  };
}

async function bodyOf(response: Response, most: number, heard: () => void): Promise<Buffer> {
  const said = response.headers.get('content-length');
  const length = said === null || response.headers.has('content-encoding') ? undefined : Number(said);
  if (length !== undefined && length > most) {
    await response.body?.cancel();
    throw new TooLarge(length);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    heard();
    bytes += chunk.length;
    if (bytes > most) throw new TooLarge(bytes);
    chunks.push(chunk);
  }
  if (length !== undefined && length !== bytes) throw new Passing(`its answer ended after ${bytes} of ${length} bytes`);
  return Buffer.concat(chunks, bytes);
}

function saidBy({ status, body }: Refusal): string {
  const code = codeIn(body);
  return `it answered ${status}${code === undefined || !/^\w{1,60}$/.test(code) ? '' : ` ${code}`}`;
}

/** How long it asks to be left alone, as seconds or as a date. */
function wishOf(headers: Headers, now: Date): number | undefined {
  const given = headers.get('retry-after');
  if (given === null) return undefined;
  const wish = /^\d+$/.test(given) ? Number(given) * 1000 : Date.parse(given) - now.getTime();
  return Number.isNaN(wish) ? undefined : Math.min(LONGEST_WISH, Math.max(0, wish));
}

function reasonBehind(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? reasonOf(cause) : error.message;
}
