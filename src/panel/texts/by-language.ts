import { english, type Texts } from './english.ts';
import { german } from './german.ts';
import { isLanguage, type Language } from './languages.ts';

const TEXTS: Readonly<Record<Language, Texts>> = { en: english, de: german };

/** `de` of `de-CH`. */
export const baseOf = (language: string): string => language.split('-')[0]?.toLowerCase() ?? '';

/** The words of the language that a reader likes best, of those that there are. */
export const textsFor = (spoken: readonly string[]): Texts => TEXTS[spoken.map(baseOf).find(isLanguage) ?? 'en'];
