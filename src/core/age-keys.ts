import { decodeBech32, encodeBech32 } from './bech32.ts';

/** age's keys as text: a recipient is public, an identity opens what was encrypted to it. */

const KEY_BYTES = 32;

const keyIn = (prefix: string, text: string): Uint8Array | undefined => {
  const bytes = decodeBech32(prefix, text);
  return bytes?.length === KEY_BYTES ? bytes : undefined;
};

/** The public key in `age1…`; undefined for what is none, a mistyped one included. */
export const recipientKey = (text: string) => keyIn('age', text);

/** The private key in `AGE-SECRET-KEY-1…`; undefined for what is none. */
export const identityKey = (text: string) => keyIn('age-secret-key-', text);

export const recipientText = (key: Uint8Array) => encodeBech32('age', key);
export const identityText = (key: Uint8Array) => encodeBech32('age-secret-key-', key).toUpperCase();

/**
 * The identities in the text of an identity file: one a line, with comments and empty lines between. A line that is none is told
 * by its number alone, because what it holds may be secret.
 */
export function readIdentities(text: string): {
  readonly keys: readonly Uint8Array[];
  readonly wrong: readonly number[];
} {
  const keys: Uint8Array[] = [];
  const wrong: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const key = identityKey(content);
    if (key === undefined) wrong.push(index + 1);
    else keys.push(key);
  }
  return { keys, wrong };
}
