import type { IncomingMessage, ServerResponse } from 'node:http';
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
  /** The same for Express, Connect and `node:http`. `authorize` gets Node's own request as its context. */
  readonly node: (request: IncomingMessage, response: ServerResponse, next?: unknown) => Promise<void>;
  /** Lets go of the process that works for it. */
  readonly close: () => void;
}

/** What a panel runs in. */
export interface PanelWorld {
  readonly script: URL;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

/** The program of the threads that do the work. */
export const THREAD = new URL('./panel-thread.js', import.meta.url);

/**
 * The web page for a database and its backups, to be mounted into an app. Throws CONFIG_INVALID, above all where nobody says who
 * may use it. Nothing else is loaded before the first request.
 * @example
 * ```ts
 * import { createPanel } from 'overwinter';
 * const panel = createPanel({ db: 'data/app.db', authorize: () => ({ rights: 'read', name: 'Ada' }) });
 * export const answer = (request: Request) => panel.fetch(request);
 * ```
 */
export function createPanel(options: PanelOptions): Panel {
  return createPanelIn(options, {
    script: THREAD,
    cwd: process.cwd(),
    env: process.env,
    now: () => new Date(),
  });
}

export function createPanelIn(options: PanelOptions, { script, cwd, env, now }: PanelWorld): Panel {
  const settled = settlePanel(options);
  const { flags, basePath } = settled;
  let opening: Promise<OpenPanel> | undefined;
  const opened = () => {
    opening ??= import('./panel.ts').then(({ openPanel }) => openPanel(settled, { script, flags, cwd, env }, now));
    return opening;
  };
  return {
    fetch: async (request, context) => (await opened()).respond(request, context, basePath),
    async node(request, response) {
      const [panel, { serveNode }] = await Promise.all([opened(), import('./node.ts')]);
      await serveNode(panel, request, response, basePath);
    },
    close: () => void opening?.then((panel) => panel.close()),
  };
}
