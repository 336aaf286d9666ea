import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';

type Row = readonly (string | number | boolean | null)[];

/** As much of Google as gives tokens to service accounts and keeps spreadsheets, and as strict as it is where it matters. */
export interface Google {
  /** The file that Google gives for a service account. */
  readonly key: string;
  readonly id: string;
  /** What the tabs show, by title. */
  readonly tabs: Map<string, Row[]>;
  readonly asked: string[];
  /** Answers every question about the spreadsheet with this. */
  refuse?: number;
  /** Goes on so often, and then answers no more until it is set anew. */
  budget: number;
  /** By how much its clock is ahead, in milliseconds. */
  ahead: number;
  readonly fetch: typeof fetch;
  close(): void;
}

interface Grid {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly frozenRowCount?: number;
}

interface Change {
  readonly addSheet?: { readonly properties?: { readonly title?: string; readonly gridProperties?: Grid } };
  readonly deleteSheet?: { readonly sheetId?: number };
  readonly updateSheetProperties?: { readonly properties?: { readonly title?: string; readonly sheetId?: number } };
}

const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const TOKENS = 'https://oauth2.googleapis.com/token';
const TOKEN = 'ya29.a-token-for-an-hour';
const EMAIL = 'overwinter@project.iam.gserviceaccount.com';

export async function google(): Promise<Google> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const key = JSON.stringify({ type: 'service_account', client_email: EMAIL, private_key: pem, token_uri: TOKENS });
  const id = 'spreadsheet-of-ours-1234567890';
  const tabs = new Map<string, Row[]>([['Sheet1', []]]);
  const ids = new Map<string, number>([['Sheet1', 0]]);
  const grids = new Map<number, Grid>();
  const asked: string[] = [];
  const state: { refuse?: number; budget: number; ahead: number } = { budget: Number.POSITIVE_INFINITY, ahead: 0 };

  function isSigned(form: URLSearchParams): boolean {
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const now = (Date.now() + state.ahead) / 1000;
    return (
      form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
      said.iss === EMAIL &&
      said.scope === SCOPE &&
      said.aud === TOKENS &&
      said.exp - said.iat <= 3600 &&
      Math.abs(said.iat - now) < 300 &&
      verify(
        'RSA-SHA256',
        Buffer.from(`${head}.${claims}`),
        createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
        Buffer.from(signature, 'base64url'),
      )
    );
  }

  /** All of them, or none. */
  function change(requests: readonly Change[]): boolean {
    const [before, idsBefore] = [new Map(tabs), new Map(ids)];
    const titleOf = (sheet: number) => [...ids].find(([, each]) => each === sheet)?.[0];
    const isDone = requests.every((request) => {
      const { addSheet, deleteSheet, updateSheetProperties } = request;
      const { title: added, gridProperties: grid = { rowCount: 1000, columnCount: 26 } } = addSheet?.properties ?? {};
      if (added !== undefined) {
        if (tabs.has(added) || !isGrid(grid)) return false;
        const sheet = 1 + Math.max(...ids.values());
        tabs.set(added, []);
        ids.set(added, sheet);
        grids.set(sheet, grid);
        return true;
      }
      const removed = titleOf(deleteSheet?.sheetId ?? -1);
      if (removed !== undefined) {
        ids.delete(removed);
        return tabs.delete(removed) && tabs.size > 0;
      }
      const { title, sheetId = -1 } = updateSheetProperties?.properties ?? {};
      const old = titleOf(sheetId);
      if (old === undefined || title === undefined || tabs.has(title)) return false;
      tabs.set(title, tabs.get(old) ?? []);
      ids.set(title, sheetId);
      tabs.delete(old);
      ids.delete(old);
      return true;
    });
    if (isDone) return true;
    tabs.clear();
    ids.clear();
    for (const [title, rows] of before) tabs.set(title, rows);
    for (const [title, sheet] of idsBefore) ids.set(title, sheet);
    return false;
  }

  const server: Server = createServer(async (request, response) => {
    const text = await bodyOf(request);
    const url = new URL(request.url ?? '', 'http://google');
    asked.push(`${request.method} ${decodeURIComponent(url.pathname)}`);
    const answer = (status: number, document: unknown = {}) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    if (state.budget-- <= 0) return request.socket.destroy();
    if (url.pathname === '/token')
      return isSigned(new URLSearchParams(text)) ? answer(200, { access_token: TOKEN, expires_in: 3599 }) : answer(400);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(401);
    if (state.refuse !== undefined) return answer(state.refuse, { error: { message: `no access for ${EMAIL}` } });
    if (url.pathname === `/v4/spreadsheets/${id}`)
      return answer(200, { sheets: [...ids].map(([title, sheetId]) => ({ properties: { sheetId, title } })) });
    if (url.pathname === `/v4/spreadsheets/${id}:batchUpdate`)
      return answer(change(JSON.parse(text).requests) ? 200 : 400);
    const [, title = '', from = ''] =
      /^\/v4\/spreadsheets\/[\w-]+\/values\/'((?:[^']|'')+)'!A(\d+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const rows = tabs.get(title.replaceAll("''", "'"));
    // Anything else than RAW would run what begins with '='.
    if (rows === undefined || url.searchParams.get('valueInputOption') !== 'RAW' || rows.length !== Number(from) - 1)
      return answer(400);
    const { values }: { values: Row[] } = JSON.parse(text);
    const { rowCount, columnCount } = grids.get(ids.get(title.replaceAll("''", "'")) ?? -1) ?? {
      rowCount: 0,
      columnCount: 0,
    };
    // What lies outside of the grid is refused.
    if (rows.length + values.length > rowCount || values.some((row) => row.length > columnCount)) return answer(400);
    rows.push(...values);
    return answer(200);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const here = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const nearby: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(String(input));
    return fetch(`${here}${pathname}${search}`, init);
  };
  return Object.assign(state, { key, id, tabs, asked, fetch: nearby, close: () => void server.close() });
}

/** A tab has cells, and not all of its rows can be frozen. */
const isGrid = ({ rowCount, columnCount, frozenRowCount = 0 }: Grid) =>
  rowCount > 0 && columnCount > 0 && frozenRowCount < rowCount;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}
