import { createHash } from 'node:crypto';
import { type AlarmAddress, type AlarmKind, alarmLabel, isMonitor, readAlarmAddress } from '../core/alarms/address.ts';
import type { Environment } from '../core/config.ts';
import { configInvalid } from '../core/problems/settings.ts';
import type { Receiver, ReceiverKind, Send } from './receiver.ts';

/** A new kind is a file here, a line, and its address in `core/alarms/address.ts`. */
const kinds: { readonly [K in AlarmKind]: () => Promise<ReceiverKind<K>> } = {
  ping: async () => (await import('./ping.ts')).ping,
  ntfy: async () => (await import('./ntfy.ts')).ntfy,
  slack: async () => (await import('./chat.ts')).slack,
  discord: async () => (await import('./chat.ts')).discord,
  webhook: async () => (await import('./webhook.ts')).webhook,
  mailto: async () => (await import('./mail.ts')).mail,
};

/** Everybody who is to hear of alarms, in their order. Nobody is asked. Throws CONFIG_INVALID. */
export function receiversAt(addresses: readonly string[], env: Environment): Receiver[] {
  return addresses.map((text) => {
    const address = readAlarmAddress(text);
    if ('fault' in address) throw configInvalid("'notify'", `names a receiver that ${address.fault}`)();
    const missing = variablesOf(address).find((name) => !env[name]?.trim());
    return {
      label: alarmLabel(address),
      id: createHash('sha256').update(text).digest('hex').slice(0, 16),
      isMonitor: isMonitor(text),
      ...(missing === undefined ? {} : { missing }),
      send: async (...sending) => (await senderFor(address, env))(...sending),
    };
  });
}

const variablesOf = ({ kind, to }: AlarmAddress): readonly string[] =>
  'variable' in to ? [to.variable] : kind === 'mailto' ? ['OVERWINTER_SMTP_URL'] : [];

/** Each is loaded when something is sent. */
async function senderFor(address: AlarmAddress, env: Environment): Promise<Send> {
  switch (address.kind) {
    case 'ping':
      return (await kinds.ping())(address, env);
    case 'ntfy':
      return (await kinds.ntfy())(address, env);
    case 'slack':
      return (await kinds.slack())(address, env);
    case 'discord':
      return (await kinds.discord())(address, env);
    case 'webhook':
      return (await kinds.webhook())(address, env);
    case 'mailto':
      return (await kinds.mailto())(address, env);
  }
}
