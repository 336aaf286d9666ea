import { checkConfig } from '../core/check-config.ts';
import type { Config } from '../core/config.ts';
import { configInvalid } from '../core/problems/settings.ts';
import { type Logger, printableLogger } from '../project/logger.ts';
import { type Duration, milliseconds } from './duration.ts';
import type { KeepEvent } from './events.ts';
import { checkHeartbeat } from './heartbeat.ts';
import type { Setup } from './protocol.ts';

/**
 * When and how a running app is backed up, and any setting.
 * @example
 * ```ts
 * import type { KeepOptions } from 'overwinter';
 * export const options: KeepOptions = { debounce: '2s', longest: '30s', deadline: '5s' };
 * ```
 */
export interface KeepOptions extends Config {
  /** How long it must be quiet after a change before it is saved. Default: `'5s'`. */
  readonly debounce?: Duration;
  /** How long a change waits at most while it is not quiet. Default: `'60s'`. */
  readonly longest?: Duration;
  /**
   * How often a database that is no file is asked whether anything changed; `changed()` of the keeper tells at once. Default: `'5m'`.
   */
  readonly every?: Duration;
  /** How long the last backup may hold up the end of the app. Default: `'10s'`. */
  readonly deadline?: Duration;
  /** Default: warnings and errors on the console. */
  readonly logger?: Logger;
  readonly onEvent?: (event: KeepEvent) => void;
  /** A dead man's switch (healthchecks.io and the like): asked when a backup succeeds, told at `/fail` when one fails. */
  readonly heartbeat?: string;
}

export interface SettledOptions {
  readonly setup: Omit<Setup, 'answered'>;
  readonly logger: Logger;
  readonly onEvent: ((event: KeepEvent) => void) | undefined;
}

/**
 * A thread that waits for a lock cannot be stopped without harm, so it waits less than the end of the app may take. It tries again
 * anyway.
 */
const waitWithin = (deadline: number) => Math.min(1000, Math.floor(deadline / 3));

const WHERE = 'the options of keep()';

const quiet: Logger = {
  info() {},
  warn: (text) => console.warn(text),
  error: (text) => console.error(text),
};

/** Throws CONFIG_INVALID and USAGE: mistakes of whoever wrote the call, which are best seen at once. */
export function settleOptions(db: string, options: KeepOptions): SettledOptions {
  const { debounce = '5s', longest = '60s', every = '5m', deadline = '10s', ...others } = options;
  const { logger = quiet, onEvent, heartbeat, ...config } = others;
  const flags = checkConfig(WHERE, config);
  if (flags.prepare !== undefined)
    throw configInvalid(WHERE, "has a 'prepare', which cannot reach the thread: it belongs in overwinter.config.ts")();
  if (heartbeat !== undefined) checkHeartbeat(heartbeat);
  const atMost = milliseconds('deadline', deadline);
  return {
    setup: {
      flags: { wait: waitWithin(atMost), ...flags, db },
      cwd: process.cwd(),
      deadline: atMost,
      timing: {
        debounce: milliseconds('debounce', debounce),
        longest: milliseconds('longest', longest),
        every: milliseconds('every', every),
      },
      ...(heartbeat === undefined ? {} : { heartbeat }),
    },
    logger: printableLogger(logger),
    onEvent,
  };
}
