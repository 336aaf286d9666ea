import { describe, expect, test } from 'vitest';
import { readBody } from '../../src/panel/body.ts';
import { fileIn } from '../../src/panel/multipart.ts';

const TYPE = 'multipart/form-data; boundary=xyz';
const part = (head: string, body: string) => `--xyz\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
const sent = (text: string, type = TYPE) => fileIn(Buffer.from(text), type, 'document');
const posted = (body: ReadableStream<Uint8Array> | string) =>
  new Request('http://x/', { method: 'POST', body, duplex: 'half' });

describe('the file of a form', () => {
  test('is what a browser sent', async () => {
    const form = new FormData();
    form.set('other', 'x');
    form.set('document', new File(['{"ä": "\r\n--"}\r\n'], 'größe.json'));
    const request = new Response(form);
    const body = Buffer.from(await request.arrayBuffer());
    const file = fileIn(body, request.headers.get('content-type') ?? '', 'document');
    expect(file).toMatchObject({ name: 'größe.json' });
    if (typeof file === 'object') expect(Buffer.from(file.bytes).toString()).toBe('{"ä": "\r\n--"}\r\n');
  });

  test.each<[string, string, unknown]>([
    ['no file', `${part('name="other"', 'x')}--xyz--`, undefined],
    ['a field that is no file', `${part('name="document"', 'x')}--xyz--`, undefined],
    ['an empty file', `${part('name="document"; filename=""', '')}--xyz--`, { name: '', bytes: Buffer.alloc(0) }],
    ['nothing', '', 'unreadable'],
    ['no end', part('name="document"; filename="a"', 'x').slice(0, -2), 'unreadable'],
    ['a head without an end', `--xyz\r\n${'x'.repeat(9000)}`, 'unreadable'],
    ['too many parts', `${part('name="other"', 'x').repeat(100)}--xyz--`, 'unreadable'],
  ])('%s', (_, text, expected) => {
    expect(sent(text)).toEqual(expected);
  });

  test.each(['multipart/form-data', 'text/plain', '', 'multipart/form-data; boundary=""'])(
    'no boundary: %j',
    (type) => {
      expect(sent(`${part('name="document"; filename="a"', 'x')}--xyz--`, type)).toBe('unreadable');
    },
  );

  test('45 MB of small parts, or of what nearly is a boundary, hold up nothing', () => {
    const type = `multipart/form-data; boundary=${'a'.repeat(70)}`;
    for (const piece of [
      part('name="document"', 'x').replace('xyz', 'a'.repeat(70)),
      'a',
      '\r\n--',
      `\r\n--${'a'.repeat(69)}b`,
    ]) {
      const body = Buffer.alloc(45_000_000, piece);
      const begun = process.cpuUsage();
      fileIn(body, type, 'document');
      fileIn(Buffer.concat([Buffer.from(`--${'a'.repeat(70)}\r\n\r\n\r\n`), body]), type, 'document');
      expect(process.cpuUsage(begun).user / 1000, JSON.stringify(piece.slice(0, 9))).toBeLessThan(2500);
    }
  });
});

describe('a body', () => {
  test('that comes drop by drop has an end', async () => {
    const slow = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((go) => setTimeout(go, 20));
        controller.enqueue(new Uint8Array(1));
      },
    });
    const begun = performance.now();
    expect(await readBody(posted(slow), { bytes: 1_000_000, milliseconds: 200 })).toBe('too-slow');
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('of many pieces of one byte is put together as it came', async () => {
    let left = 300_000;
    const pieces = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(Uint8Array.of(left & 255));
        else controller.close();
      },
    });
    const body = await readBody(posted(pieces), { bytes: 1_000_000, milliseconds: 60_000 });
    expect(body).toHaveLength(300_000);
    expect([body[0], body[299_999]]).toEqual([299_999 & 255, 0]);
  });

  test('that is longer than it may be is read no further', async () => {
    expect(await readBody(posted('x'.repeat(101)), { bytes: 100, milliseconds: 1000 })).toBe('too-large');
    expect(String(await readBody(posted('x'.repeat(100)), { bytes: 100, milliseconds: 1000 }))).toBe('x'.repeat(100));
  });
});
