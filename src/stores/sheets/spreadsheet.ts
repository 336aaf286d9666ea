import type { Cell } from './cells.ts';
import { assertionOf, type GoogleKey } from './google-key.ts';

/** Why Google did not do it, in words that hold nothing secret. */
export class SheetsRefusal extends Error {}

/** What is around it: who answers, and what time it is. */
export interface Web {
  readonly fetch: typeof fetch;
  now(): number;
  readonly signal?: AbortSignal | undefined;
}

interface Tab {
  readonly id: number;
  readonly title: string;
}

export interface Spreadsheet {
  tabs(): Promise<readonly Tab[]>;
  /** Shows these cells under a title: written beside, and then put in the place of what is there, in one step. */
  show(title: string, cells: readonly (readonly Cell[])[]): Promise<void>;
}

const API = 'https://sheets.googleapis.com/v4/spreadsheets';
const PATIENCE_MS = 60_000;
/** What Google advises to send at once, in characters. */
const A_REQUEST = 2_000_000;
/** How many cells a spreadsheet has at most. */
export const MOST_CELLS = 10_000_000;
const BESIDE = ' (on its way)';

/** A spreadsheet that was shared with a service account. Throws a `SheetsRefusal`. */
export async function spreadsheetOf(id: string, key: GoogleKey, web: Web): Promise<Spreadsheet> {
  const token = await tokenFor(key, web);
  const ask = (path: string, body?: object, method = body === undefined ? 'GET' : 'POST') =>
    asked(`${API}/${id}${path}`, { method, token, ...(body === undefined ? {} : { body }) }, web);
  const change = (...requests: object[]) => ask(':batchUpdate', { requests });

  async function tabs(): Promise<readonly Tab[]> {
    const { sheets = [] }: { sheets?: readonly { properties?: { sheetId?: number; title?: string } }[] } = JSON.parse(
      await ask('?fields=sheets.properties(sheetId,title)'),
    );
    return sheets.map(({ properties: { sheetId = 0, title = '' } = {} }) => ({ id: sheetId, title }));
  }

  return {
    tabs,
    async show(title, cells) {
      const beside = `${title}${BESIDE}`;
      // Google makes no tab without cells, nor one whose rows are all frozen.
      const size = { rowCount: Math.max(cells.length, 2), columnCount: Math.max(cells[0]?.length ?? 0, 1) };
      const left = (await tabs()).filter((tab) => tab.title === beside);
      await change(
        // What another that was cut off has left.
        ...left.map((tab) => ({ deleteSheet: { sheetId: tab.id } })),
        { addSheet: { properties: { title: beside, gridProperties: { ...size, frozenRowCount: 1 } } } },
      );
      for (const { from, rows } of inRequests(cells)) {
        const range = `'${beside.replaceAll("'", "''")}'!A${from + 1}`;
        // As it is: what begins with '=' is text, and not run.
        await ask(`/values/${encodeURIComponent(range)}?valueInputOption=RAW`, { values: rows }, 'PUT');
      }
      const now = await tabs();
      const [made] = now.filter((tab) => tab.title === beside);
      if (made === undefined) throw new SheetsRefusal('what was written is not there');
      const old = now.filter((tab) => tab.title === title);
      await change(...old.map((tab) => ({ deleteSheet: { sheetId: tab.id } })), {
        updateSheetProperties: { properties: { sheetId: made.id, title }, fields: 'title' },
      });
    },
  };
}

function* inRequests(cells: readonly (readonly Cell[])[]) {
  let from = 0;
  let length = 0;
  for (const [at, row] of cells.entries()) {
    const size = JSON.stringify(row).length;
    if (length + size > A_REQUEST && at > from) {
      yield { from, rows: cells.slice(from, at) };
      from = at;
      length = 0;
    }
    length += size;
  }
  if (from < cells.length) yield { from, rows: cells.slice(from) };
}

async function tokenFor(key: GoogleKey, web: Web): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertionOf(key, web.now()),
  });
  const { access_token: token }: { access_token?: unknown } = JSON.parse(
    await asked(key.tokens, { method: 'POST', form }, web),
  );
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw new SheetsRefusal('Google gave no token');
  return token;
}

interface Request {
  readonly method: string;
  readonly token?: string;
  readonly body?: object;
  readonly form?: URLSearchParams;
}

async function asked(url: string, { method, token, body, form }: Request, web: Web): Promise<string> {
  const signals = [AbortSignal.timeout(PATIENCE_MS), ...(web.signal === undefined ? [] : [web.signal])];
  try {
    const answer = await web.fetch(url, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(form === undefined ? {} : { body: form }),
      // A token is for whom it was given to.
      redirect: 'error',
      signal: AbortSignal.any(signals),
    });
    if (answer.ok) return await answer.text();
    throw new SheetsRefusal(REASONS[answer.status] ?? `Google answers ${answer.status}`);
  } catch (error) {
    if (error instanceof SheetsRefusal) throw error;
    throw new SheetsRefusal('Google does not answer', { cause: error });
  }
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Google does not take the key, or what is to be shown',
  401: 'Google does not take the key',
  403: 'the spreadsheet is not shared with the service account, as an editor',
  404: 'there is no such spreadsheet, or it is not shared with the service account',
  429: 'Google is asked too often; it is tried again later',
};
