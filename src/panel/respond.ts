import type { Markup } from './html.ts';

/** Nothing but the panel's own files, no frame around it, and forms that go nowhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const GUARDS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not 'no-referrer': under it browsers hide the origin of a form, which is what tells ours from another site's.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** What is shown is somebody's data: it stays in no cache. */
const PRIVATE = { ...GUARDS, 'cache-control': 'no-store' };

export function page(markup: Markup, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`<!doctype html>\n${markup.markup}`, {
    status,
    headers: { ...PRIVATE, 'content-type': 'text/html; charset=utf-8', ...headers },
  });
}

/** After a change: the browser asks for a page, so that a reload changes nothing again. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { ...PRIVATE, location } });
}

export function plain(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, {
    status,
    headers: { ...PRIVATE, 'content-type': 'text/plain; charset=utf-8', ...headers },
  });
}

/** A file of the panel's own, the same for everybody, under a name that changes with it. */
export function asset(text: string, type: string): Response {
  return new Response(text, {
    headers: { ...GUARDS, 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' },
  });
}

export function stream(body: ReadableStream<Uint8Array>, headers: Readonly<Record<string, string>>): Response {
  return new Response(body, { headers: { ...PRIVATE, ...headers } });
}
