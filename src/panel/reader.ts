import { type Format, formatIn } from './format.ts';
import type { SettledPanel } from './options.ts';
import { baseOf, textsFor } from './texts/by-language.ts';
import type { Texts } from './texts/english.ts';

/** The words a reader reads, and how numbers are written where they are. */
export interface Reader {
  readonly t: Texts;
  readonly format: Format;
}

/** So many ways to write numbers are kept: what a browser says it speaks is somebody's text. */
const MOST_KNOWN = 50;

/** Readers by what their browsers say they speak. Numbers follow the reader's region as far as the words' language goes. */
export function createReaders({ texts, language }: Pick<SettledPanel, 'texts' | 'language'>, now: () => Date) {
  const known = new Map<string, Reader>();
  return (header: string | null): Reader => {
    const spoken = languagesIn(header ?? '');
    const key = spoken.join(' ');
    const found = known.get(key);
    if (found !== undefined) return found;
    const own = typeof texts === 'function' ? texts(spoken) : texts;
    const t = {
      ...textsFor(own.language !== undefined ? [own.language] : language === undefined ? spoken : [language]),
      ...own,
    };
    const region = spoken.find((each) => baseOf(each) === baseOf(t.language)) ?? t.language;
    const reader = { t, format: formatIn(region, t.language, now) };
    if (known.size < MOST_KNOWN) known.set(key, reader);
    return reader;
  };
}

const MOST_LANGUAGES = 5;

/** `de-CH, en;q=0.7`: the languages, liked best first. What is none is passed over. */
function languagesIn(header: string): readonly string[] {
  const wishes = header
    .slice(0, 200)
    .split(',')
    .flatMap((each) => {
      const [, language = '', weight = '1'] =
        /^\s*([a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3})\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*$/i.exec(each) ?? [];
      return language === '' || !isKnown(language) ? [] : [{ language, weight: Number(weight) }];
    });
  return wishes
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_LANGUAGES)
    .map(({ language }) => language);
}

function isKnown(language: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf([language]).length > 0;
  } catch {
    return false;
  }
}
