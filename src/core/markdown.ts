import { visible } from './visible.ts';

const inLine = (text: string) => visible(text.replace(/\s+/g, ' '));

/** Text of anybody's as a piece of code: in there nothing is a link, a picture, a tag or a mention. */
export const markdownCode = (text: string): string => `\`${inLine(text).replaceAll('`', "'")}\``;

/** The same as prose, with everything that Markdown gives a meaning taken as it is. */
export const markdownText = (text: string): string =>
  inLine(text)
    .replace(/[\\`*_{}[\]()#+!|<>~&]/g, '\\$&')
    .replace(/@/g, '@<!-- -->')
    .replace(/:\/\//g, ':<!-- -->//');
