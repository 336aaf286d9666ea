import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hint, hintText, overwinter } from '../core/hint.ts';
import { usage } from '../core/problems/usage.ts';
import { codeOf } from '../core/system-error.ts';
import { createPanelIn, type PanelWorld } from './create-panel.ts';
import { PRIVATE_HEADERS } from './headers.ts';
import type { PanelOptions } from './options.ts';
import { isSame } from './rights.ts';

export interface Served {
  /** Good for one visit, and for `TICKET_LASTS_MS`. */
  readonly address: string;
  /** Until the address is good no more. */
  readonly spent: Promise<void>;
  readonly port: number;
  close(): void;
}

const LOOPBACK = '127.0.0.1';

export const TICKET_LASTS_MS = 10 * 60 * 1000;

/**
 * The panel on this machine alone. There is no cookie: the printed address is exchanged, once, for one that holds a secret and is
 * never printed. Throws USAGE where the port is taken.
 */
export async function servePanel(
  options: Omit<PanelOptions, 'authorize' | 'basePath' | 'withDatabaseClosed'>,
  world: PanelWorld,
  port: number,
  ticketLasts = TICKET_LASTS_MS,
): Promise<Served> {
  const secret = randomBytes(24).toString('base64url');
  let ticket: string | undefined = randomBytes(24).toString('base64url');
  let spend = () => {};
  const spent = new Promise<void>((done) => {
    spend = () => {
      ticket = undefined;
      done();
    };
  });
  const tooOld = setTimeout(() => spend(), ticketLasts).unref();
  const basePath = `/s/${secret}`;
  const panel = createPanelIn(
    {
      ...options,
      basePath,
      authorize: () => ({ rights: 'write', name: 'overwinter ui' }),
      // Nothing in this process has it open; another app's is found out when it is replaced.
      withDatabaseClosed: (work) => work(),
    },
    world,
  );

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isOwnHost(request.headers.host, bound())) return say(response, 403, 'This is not the address of this page.');
    const [, kind = '', given = ''] = (request.url ?? '').split(/[/?]/);
    if (kind === 's' && isSame(given, secret)) return panel.node(request, response);
    if (kind !== 'open' || request.method !== 'GET') return say(response, 404, 'There is nothing here.');
    if (ticket === undefined || !isSame(given, ticket))
      return say(
        response,
        403,
        hintText(hint`This address is good no more. Start ${overwinter('ui')} again for another.`),
      );
    spend();
    response.writeHead(303, { ...SILENT, location: `${basePath}/` }).end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(`overwinter: ${error}`);
      response.destroy();
    });
  });
  const bound = () => addressOf(server.address());
  await new Promise<void>((done, fail) => {
    server.once('error', (error) =>
      fail(
        codeOf(error) === 'EADDRINUSE'
          ? usage(`Port ${port} is taken.`, hint`Let the system choose one: ${overwinter('ui', '--port', '0')}.`)(error)
          : error,
      ),
    );
    server.listen(port, LOOPBACK, done);
  });
  return {
    address: `http://${LOOPBACK}:${bound()}/open/${ticket}`,
    port: bound(),
    spent,
    close() {
      clearTimeout(tooOld);
      spend();
      server.close();
      server.closeAllConnections();
      panel.close();
    },
  };
}

const SILENT = { ...PRIVATE_HEADERS, 'referrer-policy': 'no-referrer' };

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...SILENT, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

const addressOf = (address: AddressInfo | string | null) => (typeof address === 'object' ? (address?.port ?? 0) : 0);

/** A page elsewhere can have its own name lead to this machine; its requests still say that name. */
const isOwnHost = (host: string | undefined, port: number) =>
  [LOOPBACK, 'localhost', '[::1]'].some((name) => host === `${name}:${port}`);
