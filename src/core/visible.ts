/**
 * Characters that do something to whoever reads them instead of being read: controls, what turns the direction of writing, what has no width,
 * and what ends a line somewhere. Joiners stay where they make one picture of several.
 */
const COMMANDING =
  /(?![\n\t])\p{Cc}|\u034f|[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d|[\u{e0000}-\u{e0fff}]/gu;

/** What CI systems take for a command: GitHub and Azure in whatever a job prints, TeamCity too. */
const COMMANDS = /^(\s*:)(?=:)|(#)(?=#(?:\[|vso\[|teamcity\[))/gm;

const named = (char: string) => `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** The text with such characters shown by their numbers. Lines and tabs stay. */
export const visible = (text: string): string => text.replace(COMMANDING, named);

/**
 * The text as it can be printed, in a terminal or a job's log: names and rows come from a database, and a name is not to clear the screen,
 * turn a sentence around or set a variable of the job's next step.
 */
export const printable = (text: string): string => visible(text).replace(COMMANDS, '$1$2\\');

/** The same in one line, for what is said in a line. */
export const printableLine = (text: string): string =>
  printable(text.trimEnd().replace(/\n/g, ' \u23ce ').replace(/\t/g, ' '));

/** A JSON document says the same with such characters written as escapes; they only ever stand in its strings. */
export function printableJson(text: string): string {
  const escaped = (char: string) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
  return text.replace(COMMANDING, escaped).replace(/#(?=#(?:\[|vso\[|teamcity\[))/g, '\\u0023');
}
