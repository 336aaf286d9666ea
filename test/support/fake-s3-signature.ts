import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Arrived {
  readonly method: string;
  /** As it came: path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const hex = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(Buffer.from(text)).digest();

/**
 * What is wrong with the signature of a request, as the code that S3 answers; undefined where nothing is. Written from the
 * specification, and knows nothing of how ours are made.
 */
export function faultInSignature(
  { method, target, headers, body }: Arrived,
  secrets: ReadonlyMap<string, string>,
  region: string,
  now: number,
): string | undefined {
  const header = (name: string) => String(headers[name] ?? '');
  const [, id = '', day = '', inRegion = '', service = '', end = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header('authorization'),
    ) ?? [];
  if (signature === '') return 'AccessDenied';
  const secret = secrets.get(id);
  if (secret === undefined) return 'InvalidAccessKeyId';
  if (inRegion !== region || service !== 's3' || end !== 'aws4_request') return 'AuthorizationHeaderMalformed';
  const time = header('x-amz-date');
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at) || !time.startsWith(day)) return 'AccessDenied';
  if (Math.abs(now - at) > 15 * 60_000) return 'RequestTimeTooSkewed';
  const listed = names.split(';');
  const mustBe = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  const isSorted = [...listed].sort().join() === listed.join();
  if (!isSorted || !mustBe.every((name) => listed.includes(name))) return 'AccessDenied';
  // What is changed on the way must not be signed.
  if (listed.some((name) => ['accept-encoding', 'connection', 'user-agent', 'content-length'].includes(name)))
    return 'SignatureDoesNotMatch';
  const [path = '', query = ''] = target.split('?');
  const pairs = query === '' ? [] : query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`));
  const payload = header('x-amz-content-sha256');
  const canonical = `${method}\n${path}\n${pairs.sort().join('&')}\n${listed
    .map((name) => `${name}:${header(name).trim()}\n`)
    .join('')}\n${names}\n${payload}`;
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of [day, inRegion, service, end]) key = mac(key, part);
  const wanted = mac(key, `AWS4-HMAC-SHA256\n${time}\n${day}/${inRegion}/s3/aws4_request\n${hex(canonical)}`);
  if (!timingSafeEqual(wanted, Buffer.from(signature, 'hex'))) return 'SignatureDoesNotMatch';
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== hex(body)) return 'XAmzContentSHA256Mismatch';
  const md5 = headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64')) return 'BadDigest';
  return undefined;
}
