import type { IncomingMessage } from 'node:http';

/** Node's request with what frameworks add to it. */
export interface Incoming extends IncomingMessage {
  /** Where the handler is mounted (Express). */
  readonly baseUrl?: unknown;
  /** The address before the framework cut the mount's path off it. */
  readonly originalUrl?: unknown;
  /** A body that a parser before us has read. */
  readonly body?: unknown;
}

/** A name or an address, and a port: no user, no path, nothing that an address would be read differently for. */
const HOST = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** Node's request as the web's; undefined for what is none. */
export function requestOf(incoming: Incoming): Request | undefined {
  const { originalUrl, url, method = '', headersDistinct } = incoming;
  const path = typeof originalUrl === 'string' ? originalUrl : (url ?? '');
  const [host = 'localhost', ...more] = headersDistinct.host ?? [];
  if (!path.startsWith('/') || !HOST.test(host) || more.length > 0) return undefined;
  try {
    const target = new URL(`http://${host}/`);
    const [pathname = '/', ...search] = path.split('?');
    target.pathname = pathname;
    target.search = search.join('?');
    const headers = headersOf(incoming);
    if (method === 'GET' || method === 'HEAD') return new Request(target, { method, headers });
    return new Request(target, { method, headers, body: bodyOf(incoming), duplex: 'half' });
  } catch {
    // TRACE, a port beyond 65535, a number that is no address: what looks like a request and is none.
    return undefined;
  }
}

function headersOf({ headers: received }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(received))
    for (const each of [value ?? []].flat()) headers.append(name, each);
  return headers;
}

/** The body as it comes; what a parser of forms has read before us is put together again. */
function bodyOf(incoming: Incoming): string | ReadableStream<Uint8Array> {
  const { body } = incoming;
  if (incoming.readableEnded && typeof body === 'object' && body !== null) {
    // A parser may make objects and lists of some fields: none of ours is one.
    const fields = Object.entries(body).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[key, value]] : [],
    );
    return new URLSearchParams(fields).toString();
  }
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}
