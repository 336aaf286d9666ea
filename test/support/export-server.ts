import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { serveExport } from '../../src/pull/serve.ts';
import { whenTestEnds } from './endings.ts';
import type { TestProject as Project } from './project.ts';

export const TOKEN = 'let-me-read-4711';

const servers: Server[] = [];
whenTestEnds(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

export interface ExportServer {
  /** What `--app` is given. */
  readonly url: string;
  /** The paths that were asked for, after `/export`. */
  readonly asked: string[];
  /** The tokens that came with them. */
  readonly tokens: (string | undefined)[];
  /** Called before the app answers; true where it has dealt with the request. */
  meddle(request: IncomingMessage, response: ServerResponse, body: () => Promise<Buffer>): Promise<boolean> | boolean;
}

/** A running app that lets whoever has the token read its export, over real connections. */
export async function exportServer(project: Project): Promise<ExportServer> {
  const state: { -readonly [K in keyof ExportServer]: ExportServer[K] } = {
    url: '',
    asked: [],
    tokens: [],
    meddle: () => false,
  };
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    state.asked.push(path.replace(/^.*\/export\/?/, ''));
    state.tokens.push(request.headers.authorization);
    const own = () => serveExport(webRequest(request, state.url), project);
    const body = async () => Buffer.from(await (await own()).arrayBuffer());
    if (await state.meddle(request, response, body)) return;
    if (!isAllowed(request)) {
      response.writeHead(401).end();
      return;
    }
    const answered = await own();
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    response.end(Buffer.from(await answered.arrayBuffer()));
  }
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  state.url = `http://127.0.0.1:${address.port}/settings/backups`;
  return state;
}

function webRequest({ method, headers, url }: IncomingMessage, base: string): Request {
  const plain = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  return new Request(new URL(url ?? '', base), { method: method ?? 'GET', headers: plain });
}

function isAllowed({ headers }: IncomingMessage): boolean {
  const [given, wanted] = [Buffer.from(headers.authorization ?? ''), Buffer.from(`Bearer ${TOKEN}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
