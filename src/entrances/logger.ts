/** Where the library says what it does: `console`, or anything shaped like pino. */
export interface Logger {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}
