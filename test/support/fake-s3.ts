import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { whenFileEnds } from './endings.ts';
import { type Arrived, faultInSignature } from './fake-s3-signature.ts';

export const KEY = 'AKIAFAKEFAKEFAKE0001';
export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
export const BUCKET = 'backups-of-app';

/** The variables that open it. */
export const KEYS = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET };

export interface StoredObject {
  readonly bytes: Buffer;
  readonly written: number;
}

/** What comes instead of the right answer. `reset`: nothing is done. `lost`: it is done, and nobody hears of it. `late`: the same, but done when `settle` is called. */
export type Mischief =
  | 'reset'
  | 'lost'
  | 'late'
  | 'cut'
  | 'hang'
  | {
      readonly status: number;
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly text?: string;
    };

type Right = 'list' | 'read' | 'write' | 'remove';

/** A bucket that takes nothing on trust: every signature is checked, and it does only what S3 does. It can be told to misbehave. */
export interface FakeS3 {
  /** `s3://…` with its endpoint. */
  readonly address: string;
  readonly endpoint: string;
  readonly objects: Map<string, StoredObject>;
  /** Every request that it took, as `GET list`, `PUT <key>`, in their order. */
  readonly asked: string[];
  /** The secrets of the keys that it knows. */
  secrets: Map<string, string>;
  region: string;
  /** How many keys a page of a listing has. */
  page: number;
  conditions: 'known' | 'unknown';
  removesMany: boolean;
  /** What the key may not do. */
  forbidden: readonly Right[];
  /** A policy takes only writes that say "if it is not there". */
  onlyAdds: boolean;
  /** Whoever has no key may list. */
  isPublic: boolean;
  /** The bucket's rules, where whoever asks may know them. */
  lifecycle: string | undefined;
  /** In milliseconds, ahead of this machine. */
  ahead: number;
  meddle: (request: string) => Mischief | undefined;
  /** What was late happens now. */
  settle(): void;
}

const servers: Server[] = [];
whenFileEnds(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  InvalidAccessKeyId: 403,
  NoSuchBucket: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  XAmzContentSHA256Mismatch: 400,
};

const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export async function fakeS3(changes: Partial<FakeS3> = {}): Promise<FakeS3> {
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    void take(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('no port');
  const endpoint = `http://127.0.0.1:${at.port}`;
  const state: FakeS3 = {
    endpoint,
    address: `s3://${BUCKET}/app?endpoint=${endpoint}`,
    objects: new Map(),
    asked: [],
    secrets: new Map([[KEY, SECRET]]),
    region: 'us-east-1',
    page: 1000,
    conditions: 'known',
    removesMany: true,
    forbidden: [],
    onlyAdds: false,
    isPublic: false,
    lifecycle: undefined,
    ahead: 0,
    meddle: () => undefined,
    settle: () => {
      for (const each of waiting.splice(0)) each();
    },
    ...changes,
  };
  const now = () => Date.now() + state.ahead;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: target = '', headers } = request;
    const arrived: Arrived = { method, target, headers, body: Buffer.concat(chunks) };
    const [path = '', query = ''] = target.split('?');
    const [, bucket = '', ...rest] = path.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const asks = new URLSearchParams(query);
    const isRules = method === 'GET' && key === '' && asks.has('lifecycle');
    const what = isRules
      ? 'GET lifecycle'
      : key !== ''
        ? `${method} ${key}`
        : asks.has('delete')
          ? 'POST delete'
          : `${method} list`;
    state.asked.push(what);
    const mischief = state.meddle(what);
    const answer = () => answerTo(arrived, bucket, key, asks);
    if (mischief === 'hang') return;
    if (mischief === 'reset' || mischief === 'lost' || mischief === 'late') {
      if (mischief === 'lost') answer();
      if (mischief === 'late') waiting.push(answer);
      request.socket.destroy();
      return;
    }
    const { status, headers: more = {}, body = '' } = typeof mischief === 'object' ? told(mischief) : answer();
    const bytes = Buffer.from(body);
    response.writeHead(status, { date: new Date(now()).toUTCString(), ...more, 'content-length': bytes.length });
    if (mischief !== 'cut') response.end(bytes);
    else response.write(bytes.subarray(0, bytes.length >> 1), () => request.socket.destroy());
  }

  const told = ({ status, code, headers, text: said }: Exclude<Mischief, string>): Answer => ({
    status,
    ...(headers === undefined ? {} : { headers }),
    body: said ?? (code === undefined ? '' : errorOf(code)),
  });

  // What Amazon repeats of a request that it refuses.
  const errorOf = (code: string, more = '') =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>It is ${code}.</Message><AWSAccessKeyId>${KEY}</AWSAccessKeyId><StringToSign>${SECRET}</StringToSign>${more}<RequestId>1</RequestId></Error>`;
  const refuse = (code: string, more = ''): Answer => ({ status: STATUS[code] ?? 400, body: errorOf(code, more) });

  function answerTo(arrived: Arrived, bucket: string, key: string, asks: URLSearchParams): Answer {
    const { method, headers, body } = arrived;
    if (state.isPublic && headers.authorization === undefined && method === 'GET' && key === '') return list(asks);
    const fault = faultInSignature(arrived, state.secrets, state.region, now());
    if (fault !== undefined) return refuse(fault, `<Region>${state.region}</Region>`);
    if (bucket !== BUCKET) return refuse('NoSuchBucket');
    if (state.forbidden.includes(rightFor(method, key))) return refuse('AccessDenied');
    if (method === 'GET' && asks.has('lifecycle'))
      return state.lifecycle === undefined
        ? refuse('NoSuchLifecycleConfiguration')
        : { status: 200, body: state.lifecycle };
    if (method === 'GET' && key === '') return asks.get('list-type') === '2' ? list(asks) : refuse('NotImplemented');
    if (method === 'POST' && key === '' && asks.has('delete'))
      return removeMany(headers['content-md5'] !== undefined, body);
    const there = state.objects.get(key);
    if (method === 'PUT') {
      const condition = headers['if-none-match'];
      if (condition !== undefined && state.conditions === 'unknown') return refuse('NotImplemented');
      if (condition === undefined && state.onlyAdds) return refuse('AccessDenied');
      if (condition === '*' && there !== undefined) return refuse('PreconditionFailed');
      state.objects.set(key, { bytes: body, written: now() });
      return { status: 200 };
    }
    if (method === 'DELETE') {
      state.objects.delete(key);
      return { status: 204 };
    }
    if (method !== 'GET') return refuse('MethodNotAllowed');
    if (there === undefined) return refuse('NoSuchKey');
    return partOf(there.bytes, headers.range);
  }

  function partOf(bytes: Buffer, range: string | undefined): Answer {
    if (range === undefined) return { status: 200, body: bytes };
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    if (to === '' || Number(from) >= bytes.length) return refuse('InvalidRange');
    const part = bytes.subarray(Number(from), Number(to) + 1);
    return {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` },
      body: part,
    };
  }

  function list(asks: URLSearchParams): Answer {
    const [prefix, delimiter] = [asks.get('prefix') ?? '', asks.get('delimiter') ?? ''];
    const after = asks.get('continuation-token')?.replace(/^after:/, '') ?? '';
    const entries = new Map<string, StoredObject | 'folder'>();
    for (const [key, object] of state.objects) {
      if (!key.startsWith(prefix)) continue;
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      if (cut < 0) entries.set(key, object);
      else entries.set(key.slice(0, cut + 1), 'folder');
    }
    const waiting = [...entries].filter(([key]) => key > after).sort(([a], [b]) => (a < b ? -1 : 1));
    const some = waiting.slice(0, state.page);
    const more = some.length < waiting.length;
    const contents = some.map(([key, entry]) =>
      entry === 'folder'
        ? `<CommonPrefixes><Prefix>${text(key)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${text(key)}</Key><LastModified>${new Date(entry.written).toISOString()}</LastModified><ETag>&quot;x&quot;</ETag><Size>${entry.bytes.length}</Size></Contents>`,
    );
    const token = more ? `<NextContinuationToken>after:${text(some.at(-1)?.[0] ?? '')}</NextContinuationToken>` : '';
    return {
      status: 200,
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`,
    };
  }

  function removeMany(isSummed: boolean, body: Buffer): Answer {
    if (!state.removesMany) return refuse('NotImplemented');
    if (!isSummed) return refuse('InvalidRequest');
    const keys = [...body.toString('utf8').matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) =>
      key.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    );
    if (keys.length > 1000) return refuse('MalformedXML');
    for (const key of keys) state.objects.delete(key);
    return { status: 200, body: '<DeleteResult></DeleteResult>' };
  }
  return state;
}

function rightFor(method: string, key: string): Right {
  if (method === 'GET') return key === '' ? 'list' : 'read';
  return method === 'PUT' ? 'write' : 'remove';
}
