import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenPanel } from './panel.ts';

/** What frameworks add to Node's request. */
interface Framed {
  /** Where the handler is mounted (Express). */
  readonly baseUrl?: unknown;
  /** The address before the framework cut the mount's path off it. */
  readonly originalUrl?: unknown;
  /** A body that a parser before us has read. */
  readonly body?: unknown;
}

/** Answers one of Node's requests. */
export async function serveNode(
  panel: OpenPanel,
  incoming: IncomingMessage & Framed,
  outgoing: ServerResponse,
  basePath: string,
): Promise<void> {
  const request = requestOf(incoming);
  if (request === undefined) {
    outgoing.writeHead(400).end();
    return;
  }
  const base = basePath === '' && typeof incoming.baseUrl === 'string' ? incoming.baseUrl : basePath;
  const response = await panel.respond(request, incoming, base);
  await send(response, incoming, outgoing);
}

function requestOf(incoming: IncomingMessage & Framed): Request | undefined {
  const { originalUrl, url, method = 'GET', headers: received } = incoming;
  const path = typeof originalUrl === 'string' ? originalUrl : (url ?? '/');
  const address = `http://${received.host ?? 'localhost'}/`;
  if (!path.startsWith('/') || !URL.canParse(address)) return undefined;
  const headers = new Headers();
  for (const [name, value] of Object.entries(received))
    for (const each of [value ?? []].flat()) headers.append(name, each);
  const target = new URL(address);
  const [pathname = '/', ...search] = path.split('?');
  target.pathname = pathname;
  target.search = search.join('?');
  if (method === 'GET' || method === 'HEAD') return new Request(target, { method, headers });
  return new Request(target, { method, headers, body: bodyOf(incoming), duplex: 'half' });
}

/** The body as it comes; what a parser of forms has read before us is put together again. */
function bodyOf(incoming: IncomingMessage & Framed): string | ReadableStream<Uint8Array> {
  const { body } = incoming;
  if (incoming.readableEnded && typeof body === 'object' && body !== null)
    return new URLSearchParams(
      Object.entries(body).map(([key, value]): [string, string] => [key, String(value)]),
    ).toString();
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

async function send(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  // Who was told before all was read gets no further: the rest of a huge upload is not waited for.
  if (!incoming.complete && incoming.method === 'POST') outgoing.setHeader('connection', 'close');
  if (response.body === null || incoming.method === 'HEAD') {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  outgoing.once('close', () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { value, done } = await reader.read();
    if (done || outgoing.destroyed) break;
    if (!outgoing.write(value)) await new Promise((go) => outgoing.once('drain', go).once('close', go));
  }
  outgoing.end();
}
