/** The library. The command line is `main.ts`. */
export { type Config, defineConfig } from './core/config.ts';
export { type ErrorCode, EXIT_CODES, OverwinterError } from './core/errors.ts';
