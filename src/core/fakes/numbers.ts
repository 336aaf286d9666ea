import { permuted, type Secret } from './chance.ts';

/**
 * Another number of as many digits, with its sign, its point and its exponent where they were: no two numbers become the same. Whole numbers up to
 * `largest` stay among those, because a column may hold none that is larger.
 */
export function fakeNumber(text: string, secret: Secret, largest: bigint): string | undefined {
  const [, sign = '', whole, part, exponent = ''] = /^(-?)(\d+)(?:\.(\d+))?([eE][+-]?\d+)?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = `${whole}${part ?? ''}`;
  const [zeros = ''] = /^0*/.exec(digits) ?? [];
  const counted = digits.slice(zeros.length);
  const isWhole = part === undefined && exponent === '';
  const made = counted === '' ? digits : zeros + fakeDigits(counted, secret, isWhole ? largest : undefined);
  return `${sign}${made.slice(0, whole.length)}${part === undefined ? '' : `.${made.slice(whole.length)}`}${exponent}`;
}

function fakeDigits(digits: string, secret: Secret, largest: bigint | undefined): string {
  const value = BigInt(digits);
  const first = digits.length === 1 ? 1n : 10n ** BigInt(digits.length - 1);
  const last = 10n ** BigInt(digits.length) - 1n;
  if (largest === undefined || last <= largest) return String(permuted(secret, value, first, last));
  if (value <= largest) return String(permuted(secret, value, first, largest));
  return String(permuted(secret, value, first > largest ? first : largest + 1n, last < LARGEST ? last : LARGEST));
}

/** The largest that 64 bits hold. */
export const LARGEST = 2n ** 63n - 1n;
