import { storeInvalid } from '../../core/problems/stores.ts';

/** Where a bucket is, and how it is asked. */
export interface BucketAddress {
  readonly bucket: string;
  /** '' or with its slash. */
  readonly prefix: string;
  /** Where requests go, without the bucket. */
  readonly origin: string;
  /** What stands before a key in the path of a request. */
  readonly path: string;
  readonly region: string;
  /** Some hosts cannot check what a signature says of the bytes that come with it. */
  readonly signsPayload: boolean;
  /** Without an endpoint it is Amazon's. */
  readonly endpoint: string | undefined;
}

export const S3_EXAMPLE = "'s3://bucket/prefix' or 's3://bucket/prefix?endpoint=https://s3.example.com&region=auto'";

const fault = (what: string) => storeInvalid('s3', what, S3_EXAMPLE)();

const SETTINGS = ['endpoint', 'region', 'payload', 'http'];
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Reads what stands behind `s3:`. Throws CONFIG_INVALID, and repeats nothing of it: a key may stand there by mistake. */
export function readBucketAddress(rest: string): BucketAddress {
  const [, bucket = '', given = '', query = ''] = /^\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(rest) ?? [];
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/.test(bucket)) throw fault('names no bucket');
  const settings = new URLSearchParams(query);
  for (const name of new Set(settings.keys())) {
    if (!SETTINGS.includes(name))
      throw fault(`has a setting that is none of ${SETTINGS.join(', ')}: keys belong in AWS_… variables`);
    if (settings.getAll(name).length > 1) throw fault(`says '${name}' twice`);
  }
  const region = settings.get('region') ?? 'us-east-1';
  if (!/^[a-z0-9-]{2,40}$/i.test(region)) throw fault("has a 'region' that cannot be");
  const payload = settings.get('payload') ?? 'signed';
  if (payload !== 'signed' && payload !== 'unsigned') throw fault("has a 'payload' that is not 'unsigned'");
  const http = settings.get('http');
  if (http !== null && http !== 'allow') throw fault("has an 'http' that is not 'allow'");
  const endpoint = settings.get('endpoint');
  const common = { bucket, prefix: prefixOf(given), region, signsPayload: payload === 'signed' };
  if (endpoint !== null) return { ...common, ...atEndpoint(endpoint, http === 'allow', bucket) };
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  // A certificate for *.s3… covers no name with a dot in it, nor does a name of a host hold capitals.
  const inHost = /^[a-z0-9-]+$/.test(bucket);
  const origin = inHost ? `https://${bucket}.${host}` : `https://${host}`;
  return { ...common, origin, path: inHost ? '/' : `/${bucket}/`, endpoint: undefined };
}

function prefixOf(given: string): string {
  const parts = given.split('/').filter((part) => part !== '');
  if (!parts.every((part) => /^[\w.~ !'()*+=,@-]{1,200}$/.test(part) && !/^\.+$/.test(part)))
    throw fault('has a prefix with characters that are no letters or digits');
  return parts.map((part) => `${part}/`).join('');
}

function atEndpoint(given: string, allowsHttp: boolean, bucket: string) {
  if (!URL.canParse(given)) throw fault("has an 'endpoint' that is no address");
  const { protocol, hostname, host, username, password, origin, pathname, search, hash } = new URL(given);
  if (username !== '' || password !== '' || search !== '' || hash !== '' || /^\/\//.test(pathname))
    throw fault("has an 'endpoint' with more than a host in it: keys belong in AWS_… variables");
  const isPlain = protocol === 'http:';
  if (protocol !== 'https:' && !isPlain) throw fault("has an 'endpoint' that is not https");
  if (isPlain && !allowsHttp && !LOOPBACK.test(hostname))
    throw fault(
      "has an 'endpoint' without https, where others can read the rows: say 'http=allow' if the network is yours",
    );
  return { origin, path: `${pathname.replace(/\/$/, '')}/${bucket}/`, endpoint: host };
}

/** How people call it. */
export const labelOfBucket = ({ bucket, prefix, endpoint }: BucketAddress): string =>
  `s3://${bucket}/${prefix}`.replace(/\/$/, '') + (endpoint === undefined ? '' : ` at ${endpoint}`);
