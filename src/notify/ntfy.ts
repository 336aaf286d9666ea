import { textOf, titleOf } from '../core/alarms/words.ts';
import type { ReceiverKind } from './receiver.ts';
import { ask, json } from './web.ts';

const HIGH = 4;
const USUAL = 3;

/** A topic of ntfy.sh, or of a server of one's own; `OVERWINTER_NTFY_TOKEN` lets into one that is closed. */
export const ntfy: ReceiverKind<'ntfy'> =
  ({ to }, { OVERWINTER_NTFY_TOKEN: token }) =>
  async (alarm, sending) => {
    const url = new URL(to.url);
    const isBad = alarm.event === 'failure' || alarm.event === 'stale';
    // As JSON, because a header holds no more than Latin letters.
    const request = json({
      topic: url.pathname.slice(1),
      title: titleOf(alarm),
      message: textOf(alarm),
      priority: isBad ? HIGH : USUAL,
      tags: [isBad ? 'warning' : 'white_check_mark', 'overwinter'],
    });
    const headers = token?.trim() ? { ...request.headers, authorization: `Bearer ${token.trim()}` } : request.headers;
    return ask(new URL('/', url), { ...request, headers }, sending);
  };
