import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { whenTestEnds } from './endings.ts';

export interface GitHost {
  /** Name and port. */
  readonly host: string;
  /** What was asked for since the last look. */
  asked(): string[];
}

/** Whom it lets in: whoever sends these credentials. Others get 401, or `status`. */
export interface Door {
  readonly basic?: string;
  readonly status?: number;
  /** Where it sends everybody. */
  readonly redirect?: string;
}

const running = new Set<() => void>();
whenTestEnds(() => {
  for (const stop of running) stop();
  running.clear();
});

/** A git host on loopback: the bare repositories in a folder, over HTTP, with the credentials that were sent. */
export async function gitHost(folder: string, door: Door): Promise<GitHost> {
  let asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
    if (door.redirect !== undefined)
      response.writeHead(302, { location: `${door.redirect}${request.url ?? ''}` }).end();
    else if (door.basic !== undefined && request.headers.authorization === `Basic ${door.basic}`)
      backend(folder, request, response);
    else response.writeHead(door.status ?? 401, { 'www-authenticate': 'Basic realm="git"' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.add(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked() {
      const all = asked;
      asked = [];
      return all;
    },
  };
}

/** Git's own server program, as a web server runs it. */
function backend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'ci',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    const headers = all
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n')
      .map((line) => line.split(': '));
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    for (const [name = '', value = ''] of headers) if (name !== 'Status') response.setHeader(name, value);
    response.writeHead(Number.parseInt(status, 10)).end(all.subarray(end + 4));
  });
}
