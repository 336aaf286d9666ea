import { pullFailed } from '../core/problems/git.ts';
import { count } from '../core/words.ts';

/** What of the network a pull needs; `fetch` is the platform's. */
export interface Web {
  readonly fetch: typeof fetch;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** Between 0 and 1. */
  readonly random: () => number;
  /** How long a server may say nothing, in milliseconds. */
  readonly patience: number;
}

/** Something that another try may mend: a connection that broke, a server that is busy. */
class Transient extends Error {}

/** The server does not have this file any more: it has saved anew since. */
export class Gone extends Error {}

const TRIES = 6;
const LONGEST_PAUSE = 10_000;
const MOST_REDIRECTS = 3;

/**
 * Gets what is at an address, at most `limit` bytes of it, and again where the connection breaks. The token is told to the origin
 * of that address and to no other. Throws PULL_FAILED and Gone.
 */
export async function download(web: Web, address: URL, token: string, limit: number): Promise<Buffer> {
  for (let tries = 1; ; tries++) {
    try {
      return await once(web, address, token, limit);
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      if (tries >= TRIES) throw pullFailed(address.origin, `${error.message} (${count(tries, 'try', 'tries')})`)(error);
      await web.sleep((0.5 + web.random() / 2) * Math.min(LONGEST_PAUSE, 200 * 2 ** tries));
    }
  }
}

async function once(web: Web, address: URL, token: string, limit: number): Promise<Buffer> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), web.patience);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), web.patience);
  };
  try {
    const response = await follow(web, address, token, silence.signal);
    heard();
    mustBeOk(address, response);
    return await read(response, limit, address, heard);
  } catch (error) {
    if (silence.signal.aborted) throw new Transient(`it said nothing for ${web.patience / 1000} seconds`);
    // What `fetch` throws is a TypeError, whatever broke.
    if (error instanceof TypeError) throw new Transient(reasonBehind(error));
    throw error;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

async function follow(web: Web, address: URL, token: string, signal: AbortSignal): Promise<Response> {
  let at = address;
  for (let redirects = 0; ; redirects++) {
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'overwinter' };
    const response = await web.fetch(at, { headers, redirect: 'manual', signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || response.status === 304 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, at);
    if (next.origin !== address.origin)
      throw pullFailed(address.origin, `it sends to ${next.origin}, which the token is not for`)();
    if (redirects >= MOST_REDIRECTS) throw pullFailed(address.origin, 'it sends from one address to another')();
    at = next;
  }
}

function mustBeOk({ origin }: URL, { status }: Response): void {
  if (status === 200) return;
  if (status === 404 || status === 410) throw new Gone(`it answered ${status}`);
  if (status === 401 || status === 403) throw pullFailed(origin, `it does not take the token (${status})`)();
  if (status === 409) throw pullFailed(origin, 'a restore failed there, so what it has now is not its data (409)')();
  if (status === 408 || status === 429 || status >= 500) throw new Transient(`it answered ${status}`);
  throw pullFailed(origin, `it answered ${status}`)();
}

async function read(response: Response, limit: number, { origin }: URL, heard: () => void): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    heard();
    bytes += chunk.length;
    if (bytes > limit) throw pullFailed(origin, `it sends more than the ${limit} bytes it may`)();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function reasonBehind(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
