import type { Alarm } from '../core/alarms/alarm.ts';
import { textOf, titleOf } from '../core/alarms/words.ts';
import type { ReceiverKind } from './receiver.ts';
import { ask, json, urlOf } from './web.ts';

/** An incoming webhook of Slack, or of what takes the same: Mattermost, Rocket.Chat. */
export const slack: ReceiverKind<'slack'> =
  ({ to }, env) =>
  async (alarm, sending) => {
    const url = urlOf(to, env);
    return url instanceof URL ? ask(url, json({ text: escaped(wordsOf(alarm)) }), sending) : url;
  };

/** A webhook of a channel of Discord. No name in an alarm calls anybody. */
export const discord: ReceiverKind<'discord'> =
  ({ to }, env) =>
  async (alarm, sending) => {
    const url = urlOf(to, env);
    const message = { content: wordsOf(alarm).slice(0, LONGEST), allowed_mentions: { parse: [] } };
    return url instanceof URL ? ask(url, json(message), sending) : url;
  };

const LONGEST = 2000;

const wordsOf = (alarm: Alarm) => `${SIGNS[alarm.event]} ${titleOf(alarm)}\n${textOf(alarm)}`;

const SIGNS: Readonly<Record<Alarm['event'], string>> = {
  failure: '[alarm]',
  stale: '[alarm]',
  recovery: '[ok]',
  success: '[ok]',
  started: '[ok]',
  test: '[test]',
};

/** Slack takes these for links, and for calls of everybody. */
const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
