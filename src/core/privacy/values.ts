import { saysCredential } from './named-in-values.ts';
import { bearsMarkOfKey, isHashOfPassword } from './value-marks.ts';

/** What values look like, whatever their column is called. */
export type Kind = 'keys' | 'hashes of passwords' | 'hashes' | 'e-mail addresses' | 'card numbers';

const EMAIL = /(^|[\s<(,;:"'])[\w.+-]{1,64}@[\w-]+(\.[\w-]+)*\.[a-z]{2,24}($|[\s>),;:"'.])/i;
const HASH = /^[0-9a-f]+$/i;
const HASH_LENGTHS = [32, 40, 56, 64, 96, 128];
const CARD = /(?<![\w.-])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{3,4}(?![\w.-])/;

/**
 * Of what something in a definition seems to be, of which `quoted` stands between quotes: a string, or a word in a comment, which is saved too. Only what bears a mark counts,
 * because there is nothing a project could say of a definition that is harmless.
 */
export function kindInDefinition(sql: string, quoted: readonly string[]): Kind | undefined {
  const pieces = [sql, ...quoted];
  if (pieces.some(bearsMarkOfKey)) return 'keys';
  return pieces.some(isHashOfPassword) ? 'hashes of passwords' : undefined;
}

/** Of what the values of a column seem to be; undefined where they seem harmless. */
export function kindOf(values: readonly string[]): Kind | undefined {
  const filled = values.filter((value) => value !== '');
  const marked = filled.filter((value) => !isPlain(value));
  const most = (is: (value: string) => boolean) => marked.filter(is).length * 2 > filled.length;
  if (marked.some(bearsMarkOfKey)) return 'keys';
  if (marked.some(isHashOfPassword)) return 'hashes of passwords';
  if (marked.some(saysCredential) || filled.some(isWalletPhrase)) return 'keys';
  if (marked.some((value) => CARD.exec(value)?.[1] && isCard(value)) || most(isCard)) return 'card numbers';
  if (marked.some((value) => EMAIL.test(value))) return 'e-mail addresses';
  if (most((value) => HASH_LENGTHS.includes(value.length) && HASH.test(value))) return 'hashes';
  return most(looksRandom) ? 'keys' : undefined;
}

/**
 * Words of a sentence or a short number, as most values are: no mark fits into them, nor are they a hash, the number of a card or anything
 * random, and to look for all of that takes longer than all else that is done for a small table.
 */
const isPlain = (value: string) => /^([a-z]{1,15}([ ,;?!]{1,2}|\.? |\.?$))*$|^-?\d{1,12}$/i.test(value);

/** Twelve words or more that a wallet is made again from: small, of three to eight letters, and no short one among them, as sentences have. */
function isWalletPhrase(value: string): boolean {
  if (value.length < 47 || value.length > 250 || !/^[a-z]{3,8}( [a-z]{3,8}){11,23}$/.test(value)) return false;
  return (
    value.split(' ').length % 3 === 0 &&
    !/\b(the|and|for|with|that|this|you|are|was|have|from|but|not|they)\b/.test(value)
  );
}

function isCard(value: string): boolean {
  const digits = CARD.exec(value)?.[0].replace(/\D/g, '');
  return digits !== undefined && passesLuhn(digits);
}

/** The check digit that every card number ends in. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits.at(-1 - at));
    const doubled = at % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** One long word of small letters, capitals and digits, none of them often: no sentence, path or UUID looks so. */
function looksRandom(value: string): boolean {
  if (value.length < 24 || value.length > 200 || !/^[\w+/=.-]+$/.test(value) || !/[\w-]{20}/.test(value)) return false;
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value) || !/\d/.test(value)) return false;
  const counts = new Map<string, number>();
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const entropy = [...counts.values()].reduce(
    (sum, count) => sum - (count / value.length) * Math.log2(count / value.length),
    0,
  );
  return entropy > 3.8;
}
