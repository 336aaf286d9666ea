import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Ran, runProgramBeside, startBeside } from './command-line.ts';
import { whenTestEnds } from './endings.ts';

const servers: Server[] = [];
whenTestEnds(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ReceiverServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly heard: Heard[];
  /** The status that a path is answered with; undefined is never answered. */
  answer: (path: string) => number | undefined;
  /** The paths that were asked for, in order. */
  paths(): string[];
}

/** Somebody who hears of alarms, over real connections. */
export async function receiverServer(): Promise<ReceiverServer> {
  const heard: Heard[] = [];
  const state: ReceiverServer = { host: '', heard, answer: () => 200, paths: () => heard.map(({ path }) => path) };
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    heard.push({ method, path, headers, body: await text(request) });
    const status = state.answer(path);
    if (status !== undefined) response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('said');
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return Object.assign(state, { host: `127.0.0.1:${address.port}` });
}

const plain = (env: Record<string, string>) => ({
  PATH: process.env.PATH ?? '',
  HOME: process.env.HOME ?? '',
  OVERWINTER_HOST: 'none',
  ...env,
});

/** A command, while the test's own servers answer it. */
export const beside = (cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  runProgramBeside(cwd, args, plain(env));

/** The same in a process of its own. */
export const apart = (cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  startBeside(cwd, args, plain(env));
