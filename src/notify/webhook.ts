import { createHmac } from 'node:crypto';
import type { Alarm } from '../core/alarms/alarm.ts';
import { textOf, titleOf } from '../core/alarms/words.ts';
import { type ReceiverKind, undelivered } from './receiver.ts';
import { ask, json, urlOf } from './web.ts';

const VERSION = 1;

/** A program of one's own. Where `OVERWINTER_WEBHOOK_SECRET` is set, it can tell that an alarm is ours, and not an old one again. */
export const webhook: ReceiverKind<'webhook'> =
  ({ to }, env) =>
  async (alarm, sending) => {
    const url = urlOf(to, env);
    if (!(url instanceof URL)) return url;
    const request = json(documentOf(alarm));
    const secret = env.OVERWINTER_WEBHOOK_SECRET ?? '';
    if (secret === '') return ask(url, request, sending);
    if (secret.length < SHORTEST_SECRET)
      return undelivered(`OVERWINTER_WEBHOOK_SECRET has less than ${SHORTEST_SECRET} characters`, false);
    const seconds = Math.floor(sending.now().getTime() / 1000);
    const signature = signatureOf(secret, seconds, request.body ?? '');
    const headers = { ...request.headers, 'overwinter-signature': `t=${seconds},v1=${signature}` };
    return ask(url, { ...request, headers }, sending);
  };

/** A shorter one can be guessed from one alarm. */
const SHORTEST_SECRET = 16;

const signatureOf = (secret: string, seconds: number, body: string) =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');

function documentOf(alarm: Alarm): object {
  const { id, event, subject, project, database, environment, store = null, code = null, since = null, time } = alarm;
  const about = event === 'test' ? {} : { subject, database, store, code, since };
  return {
    version: VERSION,
    id,
    event,
    project,
    environment,
    ...about,
    time,
    title: titleOf(alarm),
    text: textOf(alarm),
  };
}
