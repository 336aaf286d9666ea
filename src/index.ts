/** The library. The command line is `main.ts`. */
export { type BootConfig, type Config, defineConfig } from './core/config.ts';
export { type ErrorCode, EXIT_CODES, OverwinterError } from './core/errors.ts';
export { autoRestore, type BootOptions, type Logger, openDatabase } from './entrances/boot.ts';
export type { AutoRestoreResult } from './operations/auto-restore.ts';
