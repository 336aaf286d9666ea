/** A file that was sent with a form. */
export interface SentFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The panel's form has one part. Each part costs time, so that many small ones would hold up the app. */
const MOST_PARTS = 8;
const HEAD_BYTES = 4096;

/** The file in a form's body under a name, undefined where there is none; 'unreadable' for what is no such body. */
export function fileIn(body: Buffer, contentType: string, field: string): SentFile | undefined | 'unreadable' {
  const [, quoted, bare] =
    /^multipart\/form-data\s*;.*?boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))/i.exec(contentType.slice(0, 300)) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) return 'unreadable';
  const mark = Buffer.from(`\r\n--${boundary}`);
  // The first one may begin the body.
  let at = body.indexOf(mark.subarray(2));
  if (at === -1) return 'unreadable';
  at += mark.length - 2;
  for (let parts = 0; parts < MOST_PARTS; parts++) {
    const after = body.toString('latin1', at, at + 2);
    if (after === '--') return undefined;
    const headEnd = body.subarray(at, at + HEAD_BYTES).indexOf('\r\n\r\n');
    if (after !== '\r\n' || headEnd === -1) return 'unreadable';
    const from = at + headEnd + 4;
    const end = body.indexOf(mark, from);
    if (end === -1) return 'unreadable';
    const file = named(body.toString('utf8', at, at + headEnd), field);
    if (file !== undefined) return { name: file, bytes: body.subarray(from, end) };
    at = end + mark.length;
  }
  return 'unreadable';
}

/** The file's own name, where the head of a part says that it is a file of this field. */
function named(head: string, field: string): string | undefined {
  const line = head.split('\r\n').find((each) => /^content-disposition:/i.test(each)) ?? '';
  const value = (key: string) => new RegExp(`;\\s{0,9}${key}="([^"]*)"`, 'i').exec(line)?.[1];
  return value('name') === field ? value('filename') : undefined;
}
