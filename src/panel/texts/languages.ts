/** What the panel speaks by itself. */
export const LANGUAGES = ['en', 'de'] as const;

/**
 * A language of the panel's pages.
 * @example
 * ```ts
 * import type { PanelLanguage } from 'overwinter';
 * export const language: PanelLanguage = 'de';
 * ```
 */
export type Language = (typeof LANGUAGES)[number];

export const isLanguage = (said: unknown): said is Language => LANGUAGES.some((each) => each === said);
