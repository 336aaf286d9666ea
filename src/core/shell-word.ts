/** What a shell reads as one word as it stands. A ~ at its beginning would be a home. */
const PLAIN = /^(?!~)[\p{L}\p{N}_@%+=:,./~\u2026-]+$/u;

/**
 * One word of a command line. Double quotes where they will do: other systems' shells know them, and a sentence has single ones around
 * the command. Within them a ! would bring back an earlier line.
 */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (word.includes('!')) return `'${word.replaceAll("'", "'\\''")}'`;
  return `"${word.replace(/[\\"$`]/g, '\\$&')}"`;
}
