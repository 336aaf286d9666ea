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
