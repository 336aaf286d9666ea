import { createHash } from 'node:crypto';

/**
 * A file that is wholly Overwinter's carries a seal in its first line, so that it may be renewed and removed as long as nobody
 * made it their own.
 */
const SEAL = /^# Written by 'overwinter init', unedited since: ([0-9a-f]{16})\r?\n/;

const hash = (text: string) => createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16);

export function seal(text: string): string {
  return `# Written by 'overwinter init', unedited since: ${hash(text)}\n${text}`;
}

/** Whether it is as it was written. */
export function isSealed(text: string): boolean {
  const match = SEAL.exec(text);
  return match !== null && match[1] === hash(text.slice(match[0].length));
}
