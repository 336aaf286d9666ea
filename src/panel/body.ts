import { fileIn, type SentFile } from './multipart.ts';

/** What a caller sent was larger than it may be, came too slowly, or is of a form that cannot be read. */
export type Refused = 'too-large' | 'too-slow' | 'unreadable';

/** How large a body may be, and how long it may take. */
export interface Bounds {
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Reads a body no further than it may be long: a length that is promised is not believed, and one too large not begun. */
export async function readBody(request: Request, { bytes: most, milliseconds }: Bounds): Promise<Buffer | Refused> {
  if (Number(request.headers.get('content-length') ?? 0) > most) {
    await request.body?.cancel();
    return 'too-large';
  }
  if (request.body === null) return Buffer.alloc(0);
  const reader = request.body.getReader();
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => {});
  }, milliseconds);
  // One piece that grows: a list of pieces of one byte each would take a hundred times the body's size.
  let body = Buffer.allocUnsafe(16 * 1024);
  let length = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (isLate) return 'too-slow';
      if (done) return body.subarray(0, length);
      const end = length + value.length;
      if (end > most) {
        await reader.cancel();
        return 'too-large';
      }
      if (end > body.length)
        body = Buffer.concat([body.subarray(0, length)], Math.max(end, Math.min(most, 2 * length)));
      body.set(value, length);
      length = end;
    }
  } catch {
    return 'unreadable';
  } finally {
    clearTimeout(late);
  }
}

const FORM: Bounds = { bytes: 64 * 1024, milliseconds: 30_000 };
const UPLOAD_MS = 10 * 60_000;

/** The fields of a plain form. */
export async function readFields(request: Request): Promise<URLSearchParams | Refused> {
  const body = await readBody(request, FORM);
  return typeof body === 'string' ? body : new URLSearchParams(body.toString('utf8'));
}

/** The one file of a form, with the name the browser gave it; empty where none was chosen. */
export async function readUpload(request: Request, most: number): Promise<SentFile | Refused> {
  const body = await readBody(request, { bytes: most + FORM.bytes, milliseconds: UPLOAD_MS });
  if (typeof body === 'string') return body;
  const file = fileIn(body, request.headers.get('content-type') ?? '', 'document');
  if (file === undefined) return { name: '', bytes: new Uint8Array() };
  return file !== 'unreadable' && file.bytes.length > most ? 'too-large' : file;
}
