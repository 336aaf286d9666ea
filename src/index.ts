/** The library. The command line is `main.ts`. */
export { type BootConfig, type Config, defineConfig, type EncryptConfig } from './core/config.ts';
export { type ErrorCode, EXIT_CODES, OverwinterError } from './core/errors.ts';
export { autoRestore, type BootOptions, openDatabase } from './entrances/boot.ts';
export type { KeepEvent, Problem } from './entrances/keep/events.ts';
export type { Health } from './entrances/keep/health.ts';
export { type Keeper, keep } from './entrances/keep/keep.ts';
export type { KeepOptions } from './entrances/keep/options.ts';
export type { Logger } from './entrances/logger.ts';
export { createPanel, type Panel } from './entrances/panel/create-panel.ts';
export type { Authorize, PanelOptions, Rights, Verdict } from './entrances/panel/options.ts';
export type { Texts as PanelTexts } from './entrances/panel/texts.ts';
export { type SnapshotOptions, snapshotted, withSnapshot } from './entrances/with-snapshot.ts';
export type { AutoRestoreResult } from './operations/auto-restore.ts';
