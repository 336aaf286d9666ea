import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who takes nothing of an answer for that long is not waited for any more. */
const STALLED_MS = 120_000;

/** Sends an answer, as far as there is anybody who takes it. */
export async function send(response: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { body } = response;
  // Somebody else has answered, or nobody is there any more.
  if (outgoing.headersSent || outgoing.destroyed) return void (await body?.cancel());
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === 'set-cookie') outgoing.appendHeader(name, value);
    // What the app set for all its pages does not apply to these.
    else outgoing.setHeader(name, value);
  }
  // Who was told before all was read gets no further: the rest of a huge upload is not waited for.
  if (!incoming.complete) outgoing.setHeader('connection', 'close');
  if (body === null || incoming.method === 'HEAD') {
    await body?.cancel();
    outgoing.end();
    return;
  }
  const reader = body.getReader();
  outgoing.once('close', () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { value, done } = await reader.read();
    if (done || outgoing.destroyed) break;
    if (!outgoing.write(value)) await drained(outgoing);
  }
  outgoing.end();
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((done) => {
    const go = () => {
      clearTimeout(stalled);
      outgoing.off('drain', go).off('close', go);
      done();
    };
    const stalled = setTimeout(() => outgoing.destroy(), STALLED_MS);
    outgoing.on('drain', go).on('close', go);
  });
}
