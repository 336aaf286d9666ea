/** The library. The command line is `main.ts`. */

export { autoRestore, type BootOptions, openDatabase } from './app/boot.ts';
export { type SnapshotOptions, snapshotted, withSnapshot } from './app/with-snapshot.ts';
export { type BootConfig, type Config, type DatabaseConfig, defineConfig, type EncryptConfig } from './core/config.ts';
export { type ErrorCode, EXIT_CODES, OverwinterError, type Problem } from './core/errors.ts';
export type { FileLimits, FolderConfig } from './core/folders.ts';
export type { Hint } from './core/hint.ts';
export type { KeepEvent } from './keep/events.ts';
export type { Health } from './keep/health.ts';
export { keep } from './keep/keep.ts';
export type { Keeper } from './keep/keeper.ts';
export type { KeepOptions } from './keep/options.ts';
export type { AutoRestoreResult } from './operations/auto-restore.ts';
export { createPanel, type Panel } from './panel/create-panel.ts';
export type { Authorize, PanelOptions, Rights, Verdict } from './panel/options.ts';
export type { Texts as PanelTexts } from './panel/texts/english.ts';
export type { Language as PanelLanguage } from './panel/texts/languages.ts';
export type { DatabaseInHand } from './project/database-in-hand.ts';
export type { Logger } from './project/logger.ts';
