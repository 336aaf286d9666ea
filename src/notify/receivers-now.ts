import { amissInWords } from '../core/alarms/words.ts';
import type { Environment } from '../core/config.ts';
import type { Light } from '../core/decide.ts';
import { receiversAt } from './index.ts';
import { recallAlarms } from './memory.ts';

/** How it goes with a receiver, as far as this machine knows. */
export interface ReceiverNow {
  readonly target: string;
  /** Yellow: what is sent from here does not reach it. */
  readonly light: Exclude<Light, 'red'>;
  /** When it last got something, and since when it cannot be reached. */
  readonly reached?: string;
  readonly unreachedSince?: string;
  readonly reason?: string;
  /** How many alarms wait. */
  readonly due: number;
}

/** Nobody is asked. Throws CONFIG_INVALID. */
export function receiversNow(addresses: readonly string[], local: string, env: Environment): ReceiverNow[] {
  const { receivers } = recallAlarms(local);
  return receiversAt(addresses, env).map(({ id, label, missing }) => {
    const { due = [], failure, reached } = receivers.get(id) ?? {};
    const reason = missing === undefined ? failure?.reason : `the variable ${missing} is not set`;
    return {
      target: label,
      light: reason === undefined ? 'green' : 'yellow',
      ...(reached === undefined ? {} : { reached }),
      ...(failure === undefined ? {} : { unreachedSince: failure.since }),
      ...(reason === undefined ? {} : { reason }),
      due: due.length,
    };
  });
}

/** What fails or is out of date, as far as this machine knows. */
export function amissNow(local: string) {
  return recallAlarms(local).standings.flatMap(({ subject, database, store, state, since, code }) =>
    state === 'fine'
      ? []
      : [
          {
            ...{ subject, database, state, since },
            ...(store === undefined ? {} : { store }),
            ...(code === undefined ? {} : { code }),
            text: amissInWords({ subject, database, store, state }),
          },
        ],
  );
}
