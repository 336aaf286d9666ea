import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createPanelIn, type Panel } from '../../src/panel/create-panel.ts';
import type { StartHelper } from '../../src/panel/helper.ts';
import type { PanelOptions } from '../../src/panel/options.ts';
import { overwinter } from '../support/command-line.ts';
import { whenTestEnds } from '../support/endings.ts';
import { lentHelper } from '../support/lent-helper.ts';
import { scratch } from '../support/scratch.ts';

export const WRITE = 'write-token-of-the-panel-tests';
export const READ = 'read-token-of-the-panel-tests-';
export const HOST = 'app.example.org';
export const BASE = '/settings/backups';

const open: Panel[] = [];

whenTestEnds(() => {
  for (const panel of open.splice(0)) panel.close();
});

/** The process that works for a panel sees nothing of the tests' own environment. */
const ENV = Object.fromEntries([
  ...Object.entries(process.env).filter(([name]) => !/^(OVERWINTER|GIT_|CI$|NODE_ENV$|VITEST)/.test(name)),
  ['OVERWINTER_HOST', 'none'],
]);

export const quiet = { info() {}, warn() {}, error() {} };

export const worldIn = (folder: string, more: Readonly<Record<string, string>> = {}) => ({
  cwd: folder,
  env: { ...ENV, ...more },
  now: () => new Date(),
  start: lentHelper,
});

/** A form's fields; as pairs where one comes twice. */
export type Fields = Readonly<Record<string, string>> | readonly (readonly [string, string])[];
const isPairs = (fields: Fields): fields is readonly (readonly [string, string])[] => Array.isArray(fields);
export const formOf = (fields: Fields) =>
  new URLSearchParams(isPairs(fields) ? fields.map(([key, value]): [string, string] => [key, value]) : { ...fields });

export interface Stage {
  readonly folder: string;
  readonly panel: Panel;
  /** A request as a browser on the panel's own page would make it. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, fields?: Fields, headers?: Record<string, string>): Promise<Response>;
  /** Posts, and follows the answer to the page of the job when it is over. */
  done(path: string, fields?: Fields): Promise<{ status: number; text: string; job: string }>;
  /** Uploads a document as the page's form does. */
  send(text: string, name?: string): Promise<Response>;
  /** The same, and waits for what importing it would do. */
  upload(text: string, name?: string): Promise<{ status: number; text: string; job: string }>;
  query<T>(work: (db: Database.Database) => T): T;
  backup(name: string): void;
}

export const basic = (token: string) => ({ authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}` });

export function stage(options: Partial<PanelOptions> = {}, start: StartHelper = lentHelper): Stage {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  const file = join(folder, 'app.db');
  const query: Stage['query'] = (work) => {
    const db = new Database(file);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  query((db) =>
    db.exec(`PRAGMA journal_mode = wal; CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
      INSERT INTO users(name) VALUES ('ada'), ('bob'), ('cy'); CREATE TABLE notes(body TEXT); INSERT INTO notes VALUES ('first')`),
  );
  const panel = createPanelIn(
    {
      db: file,
      token: WRITE,
      readToken: READ,
      basePath: BASE,
      logger: quiet,
      withDatabaseClosed: (work) => work(),
      ...options,
    },
    { ...worldIn(folder), start },
  );
  open.push(panel);
  const address = (path: string) => `http://${HOST}${path.startsWith(BASE) ? path : `${BASE}/${path}`}`;
  const same = { ...basic(WRITE), host: HOST };
  const get: Stage['get'] = (path, headers) => panel.fetch(new Request(address(path), { headers: headers ?? same }));
  const post: Stage['post'] = (path, fields = {}, headers) =>
    panel.fetch(
      new Request(address(path), {
        method: 'POST',
        headers: headers ?? { ...same, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' },
        body: formOf(fields),
      }),
    );
  const send: Stage['send'] = (text, name = 'document.json') => {
    const body = new FormData();
    body.set('document', new File([text], name));
    const headers = { ...same, origin: `http://${HOST}` };
    return panel.fetch(new Request(address('import'), { method: 'POST', body, headers }));
  };
  const until = async (sent: Response) => {
    const job = sent.headers.get('location') ?? '';
    if (sent.status !== 303) return { status: sent.status, text: await sent.text(), job: '' };
    for (;;) {
      const answer = await get(job);
      const text = await answer.text();
      if (!text.includes('data-events')) return { status: answer.status, text, job: job.split('/').at(-1) ?? '' };
      await new Promise((go) => setTimeout(go, 20));
    }
  };
  return {
    folder,
    panel,
    get,
    post,
    query,
    async done(path, fields) {
      const end = await until(await post(path, fields));
      if (end.job === '') throw new Error(`${path}: ${end.status} ${end.text}`);
      return end;
    },
    send,
    upload: async (text, name) => until(await send(text, name)),
    backup(name) {
      const { code, stderr } = overwinter(folder, ['backup', name, '--db', 'app.db']);
      if (code !== 0) throw new Error(stderr);
    },
  };
}

export const textOf = async (answer: Promise<Response>) => (await answer).text();
