import { PRIVATE_HEADERS, SECURITY_HEADERS } from './headers.ts';
import type { Markup } from './html.ts';

export function page(markup: Markup, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`<!doctype html>\n${markup.markup}`, {
    status,
    headers: { ...PRIVATE_HEADERS, 'content-type': 'text/html; charset=utf-8', ...headers },
  });
}

/** After a change: the browser asks for a page, so that a reload changes nothing again. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { ...PRIVATE_HEADERS, location } });
}

/** A file of the panel's own, the same for everybody, under a name that changes with it. */
export function asset(text: string, type: string): Response {
  return new Response(text, {
    headers: { ...SECURITY_HEADERS, 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' },
  });
}

/** Figures, in the text format of Prometheus. */
export const metrics = (text: string): Response =>
  new Response(text, { headers: { ...PRIVATE_HEADERS, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });

export function stream(body: ReadableStream<Uint8Array>, headers: Readonly<Record<string, string>>): Response {
  return new Response(body, { headers: { ...PRIVATE_HEADERS, ...headers } });
}
