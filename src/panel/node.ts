import type { ServerResponse } from 'node:http';
import { noRequest } from './headers.ts';
import { type Incoming, requestOf } from './node-request.ts';
import { send } from './node-response.ts';
import type { OpenPanel } from './panel.ts';

/**
 * Answers one of Node's requests, whatever it is. Frameworks that do not wait for their handlers end the whole app where one
 * rejects: this never does.
 */
export async function serveNode(
  panel: OpenPanel,
  incoming: Incoming,
  outgoing: ServerResponse,
  basePath: string,
): Promise<void> {
  // A connection that breaks while a body comes or an answer goes is nobody's fault.
  incoming.on('error', () => {});
  outgoing.on('error', () => {});
  try {
    const request = requestOf(incoming);
    const base = basePath === '' ? mountOf(incoming) : basePath;
    const response = request === undefined ? noRequest() : await panel.respond(request, incoming, base);
    await send(response, incoming, outgoing);
  } catch {
    // An answer that broke off in the middle must not look like a whole one.
    outgoing.destroy();
  }
}

/** Where Express says that the panel is mounted: it becomes part of every address on a page. */
const mountOf = ({ baseUrl }: Incoming) =>
  typeof baseUrl === 'string' && /^(\/[\w~.%-]+)+$/.test(baseUrl) ? baseUrl : '';
