import { configInvalid } from '../core/problems/settings.ts';
import type { KeepEvent } from './events.ts';

const PATIENCE = 10_000;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Throws CONFIG_INVALID for what is no address, or one that everybody on the way could read. */
export function checkHeartbeat(address: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (!isSafe)
    throw configInvalid('the options of keep()', "has a 'heartbeat' that cannot be: it must be an https URL")();
}

/**
 * Tells a dead man's switch how it went: a GET when all is well, a POST to `/fail` with the code of the problem when not. A
 * switch that cannot be reached raises its own alarm, so nothing is done about it here.
 */
export async function beat(address: string, event: KeepEvent): Promise<void> {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    if (!('problem' in event)) await fetch(address, { signal });
    else {
      const url = new URL(address);
      url.pathname = `${url.pathname.replace(/\/$/, '')}/fail`;
      await fetch(url, { method: 'POST', body: event.problem.code, signal });
    }
  } catch {
    // See above.
  }
}
