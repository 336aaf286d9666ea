import { isPrivate, type OnWeb } from '../core/alarms/address.ts';
import type { Environment } from '../core/config.ts';
import { DELIVERED, type Delivery, type Sending, undelivered } from './receiver.ts';

export interface Request {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The address on the web that is meant, or why there is none. What stands in a variable may hold secrets, but nobody else may read it. */
export function urlOf(to: OnWeb, env: Environment): URL | Delivery {
  if ('url' in to) return new URL(to.url);
  const value = env[to.variable]?.trim() ?? '';
  if (value === '') return undelivered(`the variable ${to.variable} is not set`, false);
  if (!URL.canParse(value) || !isPrivate(new URL(value)))
    return undelivered(`the variable ${to.variable} holds no address that begins with https://`, false);
  return new URL(value);
}

/** Asks once. It follows nobody elsewhere, and nothing of the answer but its status is looked at. */
export async function ask(url: URL, { method, headers, body }: Request, { signal }: Sending): Promise<Delivery> {
  try {
    const answer = await fetch(url, {
      method,
      redirect: 'manual',
      signal,
      headers: { 'user-agent': 'overwinter', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    await answer.body?.cancel();
    const { ok, status } = answer;
    return ok ? DELIVERED : undelivered(`it answered ${status}`, status >= 500 || status === 429 || status === 408);
  } catch (error) {
    if (signal.aborted) return undelivered('it did not answer in time', true);
    return undelivered(`it could not be reached${codeOf(error)}`, true);
  }
}

/** The code of the system alone: a sentence may repeat the address. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';
}

export const json = (
  value: unknown,
): Pick<Request, 'method' | 'body'> & { readonly headers: Record<string, string> } => ({
  method: 'POST',
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});
