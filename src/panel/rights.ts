import { createHash, timingSafeEqual } from 'node:crypto';
import type { Rights, SettledPanel, Verdict } from './options.ts';

export interface Caller {
  readonly rights: Rights;
  /** For the audit log. */
  readonly name: string;
  /** A program that brought its own secret: no browser adds one of these to what another site makes it send. */
  readonly isProgram: boolean;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Digests have one length, so that how long it takes says nothing of the secret. */
export const isSame = (given: string, secret: string) => timingSafeEqual(digest(given), digest(secret));

/** Who is calling, a response to send instead, or undefined for somebody who may nothing. */
export async function callerOf(
  { authorize, tokens }: Pick<SettledPanel, 'authorize' | 'tokens'>,
  request: Request,
  context: unknown,
): Promise<Caller | Response | undefined> {
  const given = secretOf(request.headers.get('authorization') ?? '');
  if (given !== undefined && tokens.length > 0) {
    // All are compared, whichever fits.
    const fitting = tokens.filter(([token]) => isSame(given.secret, token));
    const [found] = fitting;
    if (found !== undefined) {
      const [, rights] = found;
      return { rights, name: rights === 'write' ? 'token' : 'read token', isProgram: given.isBearer };
    }
  }
  return authorize === undefined ? undefined : fromVerdict(await authorize(request, context));
}

function fromVerdict(verdict: Verdict): Caller | Response | undefined {
  if (verdict instanceof Response) return verdict;
  if (verdict === 'read' || verdict === 'write') return { rights: verdict, name: 'authorized', isProgram: false };
  // JavaScript may hand in anything; whatever is not plainly a right is none.
  if (typeof verdict !== 'object' || verdict === null) return undefined;
  const { rights, name } = verdict;
  return rights === 'read' || rights === 'write' ? { rights, name: String(name), isProgram: false } : undefined;
}

function secretOf(header: string): { secret: string; isBearer: boolean } | undefined {
  const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+)\s*$/i.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return { secret: value, isBearer: true };
  if (scheme === '') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : { secret: pair.slice(colon + 1), isBearer: false };
}

/**
 * Whether a change was asked for by a page of the panel itself. Browsers say where a request comes from; one that says nothing
 * and brings no secret of its own is refused.
 */
export function isSameOrigin(request: Request, caller: Pick<Caller, 'isProgram'>, host: string | undefined): boolean {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  if (site !== null && site !== 'same-origin') return false;
  if (origin !== null) {
    const own = host ?? request.headers.get('host') ?? new URL(request.url).host;
    return URL.canParse(origin) && new URL(origin).host === own;
  }
  return site === 'same-origin' || caller.isProgram;
}

/** The user name that came with a secret; undefined where none came. A secret by itself has no name. */
export function accountIn(request: Request): string | undefined {
  const header = request.headers.get('authorization');
  if (header === null) return undefined;
  const [, pair = ''] = /^basic +(\S+)\s*$/i.exec(header) ?? [];
  return Buffer.from(pair, 'base64').toString('utf8').split(':', 1)[0]?.slice(0, 100) ?? '';
}

/** Which machine asks, as far as whoever hands the request on says it; machines behind one proxy are one. */
export function clientIn(context: unknown): string {
  const { incoming, socket }: { incoming?: unknown; socket?: unknown } = isObject(context) ? context : {};
  const { remoteAddress }: { remoteAddress?: unknown } = isObject(socket) ? socket : {};
  if (typeof remoteAddress === 'string') return remoteAddress;
  return isObject(incoming) && incoming !== context
    ? clientIn({ socket: 'socket' in incoming ? incoming.socket : undefined })
    : '';
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
