import { printableLine } from '../core/visible.ts';

/**
 * Where the library says what it does: `console`, or anything shaped like pino.
 * @example
 * ```ts
 * import type { Logger } from 'overwinter';
 * export const quiet: Logger = { info: () => {}, warn: console.warn, error: console.error };
 * ```
 */
export interface Logger {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** The logger that everything is said to: nothing in a name can command who reads the log, or look like a line of its own. */
export function printableLogger(logger: Logger): Logger {
  return {
    info: (text) => logger.info(printableLine(text)),
    warn: (text) => logger.warn(printableLine(text)),
    error: (text) => logger.error(printableLine(text)),
  };
}
