import { createHash, createHmac } from 'node:crypto';

/** What opens the bucket. It comes from the environment alone, and goes nowhere but into a signature. */
export interface Keys {
  readonly id: string;
  readonly secret: string;
  readonly token: string | undefined;
}

export interface Unsigned {
  readonly method: string;
  readonly url: URL;
  readonly body: Uint8Array;
  readonly region: string;
  readonly signsPayload: boolean;
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: Uint8Array | string, text: string) => createHmac('sha256', key).update(text).digest();

/** As signatures want it: all but letters, digits and four signs. */
export const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * The headers that prove who asks, in Amazon's Signature Version 4. As few as can be are signed: what a proxy or a host changes on the way
 * (`accept-encoding` above all) would make the signature wrong.
 */
export function signed(
  { method, url, body, region, signsPayload }: Unsigned,
  keys: Keys,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const payload = signsPayload ? sha256(body) : 'UNSIGNED-PAYLOAD';
  const headers: Record<string, string> = {
    ...(body.length === 0 ? {} : { 'content-md5': createHash('md5').update(body).digest('base64') }),
    host: url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': time,
    ...(keys.token === undefined ? {} : { 'x-amz-security-token': keys.token }),
  };
  const names = Object.keys(headers).join(';');
  const canonical = [
    method,
    url.pathname,
    [...url.searchParams]
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .sort()
      .join('&'),
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    '',
    names,
    payload,
  ].join('\n');
  const signing = [time.slice(0, 8), region, 's3', 'aws4_request'].reduce<Uint8Array | string>(
    hmac,
    `AWS4${keys.secret}`,
  );
  const signature = hmac(signing, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}
