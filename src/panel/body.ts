/** What a caller sent was larger than it may be, or of a form that cannot be read. */
export type Refused = 'too-large' | 'unreadable';

/** Reads a body no further than it may be long: a length that is promised is not believed, and one too large not begun. */
export async function readBody(request: Request, most: number): Promise<Uint8Array | Refused> {
  if (Number(request.headers.get('content-length') ?? 0) > most) return refuse(request);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return Buffer.concat(chunks, length);
      length += value.length;
      if (length > most) {
        await reader.cancel();
        return 'too-large';
      }
      chunks.push(value);
    }
  } catch {
    return 'unreadable';
  }
}

async function refuse(request: Request): Promise<Refused> {
  await request.body?.cancel();
  return 'too-large';
}

const FORM_BYTES = 64 * 1024;

/** The fields of a plain form. */
export async function readFields(request: Request): Promise<URLSearchParams | Refused> {
  const body = await readBody(request, FORM_BYTES);
  return typeof body === 'string' ? body : new URLSearchParams(Buffer.from(body).toString('utf8'));
}

/** The one file of a form, with the name the browser gave it; empty where none was chosen. */
export async function readUpload(
  request: Request,
  most: number,
): Promise<{ readonly name: string; readonly bytes: Uint8Array } | Refused> {
  const body = await readBody(request, most + FORM_BYTES);
  if (typeof body === 'string') return body;
  try {
    const type = request.headers.get('content-type') ?? '';
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const file = form.get('document');
    if (file === null || typeof file === 'string') return { name: '', bytes: new Uint8Array() };
    if (file.size > most) return 'too-large';
    return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
  } catch {
    return 'unreadable';
  }
}
