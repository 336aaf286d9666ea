import type { IncomingMessage, ServerResponse } from 'node:http';
import { reasonOf } from '../core/errors.ts';
import { packageIncomplete } from '../core/problems/machine.ts';
import { ownProgram } from '../project/own-package.ts';
import { PRIVATE_HEADERS, plain } from './headers.ts';
import type { StartHelper } from './helper.ts';
import { type PanelOptions, settlePanel } from './options.ts';
import type { OpenPanel } from './panel.ts';

/**
 * A panel, to be mounted into an app.
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import type { Panel } from 'overwinter';
 * export const serve = (panel: Panel) => createServer(panel.node);
 * ```
 */
export interface Panel {
  /** Answers a request to any address under `basePath`. `context` is handed on to `authorize`. It never throws. */
  readonly fetch: (request: Request, context?: unknown) => Promise<Response>;
  /**
   * The same for Express, Connect and `node:http`, and it never rejects. `authorize` gets Node's own request as its context. What is
   * no request, such as `TRACE`, is answered with 400.
   */
  readonly node: (request: IncomingMessage, response: ServerResponse, next?: unknown) => Promise<void>;
  /** Lets go of the process that works for it. */
  readonly close: () => void;
}

/** What a panel runs in. */
export interface PanelWorld {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly start?: StartHelper;
}

/**
 * The web page for a database and its backups, to be mounted into an app. Throws CONFIG_INVALID, above all where nobody says who
 * may use it, and PACKAGE_INCOMPLETE. Nothing else is loaded before the first request.
 * @example
 * ```ts
 * import { createPanel } from 'overwinter';
 * const panel = createPanel({ db: 'data/app.db', authorize: () => ({ rights: 'read', name: 'Ada' }) });
 * export const answer = (request: Request) => panel.fetch(request);
 * ```
 */
export function createPanel(options: PanelOptions): Panel {
  return createPanelIn(options, {
    cwd: process.cwd(),
    env: process.env,
    now: () => new Date(),
  });
}

export function createPanelIn(options: PanelOptions, { cwd, env, now, start }: PanelWorld): Panel {
  const settled = settlePanel(options);
  const { basePath } = settled;
  const program = ownProgram('panel-process.js');
  let opening: Promise<OpenPanel> | undefined;
  const open = async () => {
    const calling = { program, flags: settled.flags, cwd, env, start };
    const db = await settled.db?.target();
    if (db === undefined) return (await import('./panels.ts')).openPanels(settled, calling, now);
    const { openPanel } = await import('./panel.ts');
    return openPanel(settled, { ...calling, flags: { ...settled.flags, db } }, now);
  };
  const opened = () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  /** Files that were there when the app began may be another version's by now. */
  const unloaded = (error: unknown) => {
    const { message, hint } = packageIncomplete('panel')(error);
    return `${message} ${hint}`;
  };
  return {
    async fetch(request, context) {
      const panel = await opened().catch(unloaded);
      return typeof panel === 'string' ? plain(panel, 500) : panel.respond(request, context, basePath);
    },
    async node(request, response) {
      const serving = import('./node.ts').then(({ serveNode }) => serveNode);
      const loaded = await Promise.all([opened(), serving]).catch(unloaded);
      if (typeof loaded !== 'string') {
        const [panel, serve] = loaded;
        return serve(panel, request, response, basePath);
      }
      if (!response.headersSent)
        response.writeHead(500, { ...PRIVATE_HEADERS, 'content-type': 'text/plain; charset=utf-8' });
      response.end(`${loaded}\n`);
    },
    close: () => void opening?.then((panel) => panel.close(), reasonOf),
  };
}
