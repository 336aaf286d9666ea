import { connect } from 'node:net';
import type { Chance } from './chance.ts';

/** Bytes for a server, and what whoever sends them does then. */
export interface RawRequest {
  readonly bytes: Buffer;
  /** Waits for the answer; goes away at once; or goes away when a part of it was sent. */
  readonly leaving: 'answered' | 'at once' | 'in the middle';
}

const METHODS = [
  ...['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'POST', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PUT', 'PATCH'],
  ...['DELETE', 'PROPFIND', 'M-SEARCH', 'PURGE', 'LOCK', 'get', 'Get', 'GE T', '', 'TRACK', 'QUERY', 'G\0T', 'É'],
];

const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.9',
  'http/1.1',
  '',
];

const HOSTS = [
  ...[
    'HOST',
    'HOST',
    'HOST',
    'HOST',
    'HOST',
    '127.0.0.1',
    '[::1]',
    'a@b',
    'a:b@c',
    '@',
    '',
    ' ',
    'a b',
    'x:99999',
    'x:-1',
  ],
  ...[
    'x:',
    '[::1',
    '[zz]',
    '%00',
    '%',
    'é',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    '..',
    '.',
    '0x7f.1',
    '1.2.3.4.5',
    '999.1.1.1',
    'xn--a',
  ],
  ...['a,b', '<script>', `${'a'.repeat(300)}`, 'localhost:0', 'a:80:80'],
];

const PAGES = [
  ...[
    '',
    '/',
    '/timeline',
    '/backups/x',
    '/backups/x/rows?table=t',
    '/backups/x/download',
    '/export',
    '/export/x',
    '/backups/x/row?table=t&number=1',
  ],
  ...[
    '/compare',
    '/snapshots',
    '/snapshots/x',
    '/clean-up',
    '/browse',
    '/transfer',
    '/push',
    '/bring-back',
    '/jobs/x',
    '/jobs/x/events',
    '/icon.svg',
  ],
  ...['/import', '/import/confirm', '/verify', '/undo', '/backup', '/clean-up/preview', '/nothing', '/jobs/x/cancel'],
];

const ODD = [
  ...[
    '%00',
    '%',
    '%zz',
    '%E0%A4%A',
    '%2f',
    '%2e%2e',
    '..',
    '../..',
    '//',
    '\\',
    '?',
    '#',
    '??',
    ';',
    '@',
    ':',
    '*',
    '\x7f',
    'é',
  ],
  ...[
    '\u00ff',
    '<script>',
    '%0d%0aX: y',
    "'",
    '"',
    '`',
    '{',
    '[',
    '%ED%A0%80',
    `/${'a'.repeat(3000)}`,
    '%F0%9F%92%A9',
    '+',
    '&=&',
  ],
];

const TARGETS = [
  '*',
  '',
  ' ',
  '//evil.example',
  '//evil.example/..',
  'http://evil.example/',
  'evil.example:443',
  'http://',
  '/\\evil.example',
  '?',
];

const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['Origin', ['http://HOST', 'null', 'http://evil.example', 'é', '', 'a@b', 'http://a:b@HOST']],
  ['Sec-Fetch-Site', ['same-origin', 'cross-site', 'none', 'é']],
  ['Expect', ['100-continue', '200-ok', '']],
  ['Upgrade', ['websocket', 'h2c', 'é']],
  ['Connection', ['upgrade', 'keep-alive', 'close', 'close, upgrade', 'host', '']],
  ['Range', ['bytes=0-', 'bytes=-1', 'bytes=9-1', 'lines=1-2', `bytes=${'0-,'.repeat(900)}`]],
  ['If-None-Match', ['*', '"x"', `"${'x'.repeat(4000)}"`, ',,,,', '\u00ff']],
  ['Content-Encoding', ['gzip', 'br', 'identity', 'x']],
  [
    'Content-Type',
    ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'multipart/form-data', 'é', 'text/plain'],
  ],
  ['Accept-Encoding', ['gzip', '*;q=0']],
  ['Cookie', ['a=b', `a=${'b'.repeat(5000)}`]],
  ['X-Forwarded-Host', ['evil.example', 'a@b']],
  ['X-Forwarded-For', ['1.2.3.4', 'é']],
  ['Transfer-Encoding', ['chunked', 'identity', 'gzip, chunked', 'chunked, chunked', ' chunked', 'xchunked']],
  ['Content-Length', ['0', '3', '-1', '1e3', '99999999999999999999', '5, 5', '+5', '0x5', '']],
  ['Host', ['HOST', 'a@b', 'evil.example']],
  [
    'Authorization',
    ['Basic é', 'Basic', 'Basic eDp4', 'Bearer', `Bearer ${'x'.repeat(6000)}`, 'Digest x', `Basic${' '.repeat(4000)}`],
  ],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['X-Long', ['x'.repeat(20_000)]],
  ['X-Null', ['a\0b', 'a\rb', 'a\nb', '\x7f']],
  ['No Name', ['x']],
  ['', ['x']],
];

const BODIES = [
  ...[
    '',
    '',
    'name=x',
    'name=%00',
    'a=b&'.repeat(2000),
    '0\r\n\r\n',
    '3\r\nabc\r\n0\r\n\r\n',
    'zz\r\nabc',
    '3;x=y\r\nabc\r\n0\r\nT: x\r\n\r\n',
  ],
  ...[
    'ffffffffffffffff\r\nx',
    '--x\r\n\r\n\r\n--x--\r\n',
    '--x\r\nContent-Disposition: form-data; name="document"; filename="a"\r\n\r\n{}\r\n--x--',
  ],
  ...['GET / HTTP/1.1\r\nHost: a@b\r\n\r\n', '\0\0\0', 'é'.repeat(300), '[['.repeat(5000)],
];

/** A request that nearly is one, for a panel at `base` that knows `token`; or one that is. */
export function rawRequest(chance: Chance, host: string, base: string, token: string): RawRequest {
  const one = (odds: number) => chance.below(odds) === 0;
  const page = chance.pick(PAGES);
  const at = chance.below(page.length + 1);
  const bent = one(3) ? page.slice(0, at) + chance.pick(ODD) + page.slice(at) : page;
  const target = one(20) ? chance.pick(TARGETS) : one(12) ? chance.pick(ODD) + base + bent : base + bent;
  const version = one(25) ? chance.pick(VERSIONS) : 'HTTP/1.1';
  const hosts = one(12) ? chance.pick(HOSTS).replace('HOST', host) : host;
  const lines = [
    `${one(3) ? chance.pick(METHODS) : 'GET'}${one(200) ? '\t' : ' '}${target} ${version}`,
    `Host: ${hosts}`,
  ];
  if (!one(3)) lines.push(`Authorization: ${one(2) ? `Bearer ${token}` : `Basic ${btoa(`x:${token}`)}`}`);
  if (!one(6)) lines.push('Connection: close');
  // Much of this the server's own parser turns away: most requests are to come further.
  for (let more = one(2) ? 0 : chance.below(3); more > 0; more--) {
    const [name, values] = chance.pick(HEADERS);
    lines.push(`${name}${one(40) ? ' ' : ''}:${one(20) ? '' : ' '}${chance.pick(values).replace('HOST', host)}`);
  }
  if (one(150)) lines.push(...Array.from({ length: 300 }, (_, n) => `X-${n}: x`));
  if (one(60)) lines.splice(chance.below(lines.length), 1);
  const body = lines[0]?.startsWith('GET') && !one(20) ? '' : chance.pick(BODIES);
  if (body !== '' && one(2)) lines.push(`Content-Length: ${one(4) ? chance.below(100_000) : body.length}`);
  const end = one(60) ? chance.pick(['\n', '\r', '\r\n \r\n']) : '\r\n';
  const bytes = Buffer.from(`${lines.join(end)}${end}${end}${body}`, 'latin1');
  // Some bytes changed anyhow.
  if (one(25)) for (let n = chance.below(4); n >= 0; n--) bytes[chance.below(bytes.length)] = chance.below(256);
  return { bytes, leaving: one(12) ? 'at once' : one(15) ? 'in the middle' : 'answered' };
}

const WHOLE = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/[!-~]* HTTP\/1\.1\r\n(?:[A-Za-z-]+: ?[ -~]*\r\n)+\r\n/;

/**
 * Whether this is a whole request, of which nothing more is to come: then nobody may wait for anything, and an answer must. What
 * asks to go on in another way, or promises more than it brings, may be waited for.
 */
export function mustBeAnswered({ bytes, leaving }: RawRequest): boolean {
  const text = bytes.toString('latin1');
  const [head] = WHOLE.exec(text) ?? [];
  if (leaving !== 'answered' || head === undefined) return false;
  const [length = '0', ...more] = [...head.matchAll(/^content-length:(.*)\r$/gim)].map(([, value = '']) =>
    value.trim(),
  );
  const isPlain = !/^(expect|upgrade|transfer-encoding|connection: *(upgrade|host|close, upgrade)|x-long)/im.test(head);
  return isPlain && more.length === 0 && /^\d{1,9}$/.test(length) && text.length - head.length >= Number(length);
}

/**
 * Sends it and gives what was answered until the connection ended, or nothing came for so long. `first` is how long the answer's first
 * byte is waited for.
 */
export function sendRaw(port: number, request: RawRequest, patience: number, first = patience): Promise<string> {
  const { bytes, leaving } = request;
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const answer: Buffer[] = [];
    socket.on('data', (chunk) => {
      answer.push(chunk);
      socket.setTimeout(patience);
    });
    socket.on('error', () => {});
    socket.once('close', () => done(Buffer.concat(answer).toString('latin1')));
    socket.setTimeout(first, () => socket.destroy());
    if (leaving === 'answered') return void socket.write(bytes);
    const part = leaving === 'at once' ? bytes : bytes.subarray(0, Math.ceil(bytes.length * 0.9));
    socket.write(part, () => socket.resetAndDestroy());
  });
}
