/** What everybody tries first; whole, or with something before or behind it. */
const COMMON =
  /^(?:.{0,3})(?:pass ?word|passphrase|letmein|welcome|qwerty|azerty|iloveyou|admin|secret|overwinter|changeme|dragon)+.{0,6}$/i;

const LEAST_LENGTH = 12;
const LEAST_DIFFERENT = 6;

/** Why a passphrase is too easy to guess, as the end of a sentence. Whoever has a copy of the repository can try as many as they like. */
export function weaknessOf(passphrase: string): string | undefined {
  const letters = [...passphrase];
  if (letters.length < LEAST_LENGTH) return `it has fewer than ${LEAST_LENGTH} characters`;
  if (new Set(letters).size < LEAST_DIFFERENT) return `it has fewer than ${LEAST_DIFFERENT} different characters`;
  if (isRun(letters)) return 'it is characters in a row';
  if (COMMON.test(passphrase)) return 'it is one that everybody tries first';
  return undefined;
}

function isRun(letters: readonly string[]): boolean {
  const codes = letters.map((letter) => letter.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, at) => code - (codes[at] ?? 0));
  return steps.filter((step) => Math.abs(step) <= 1).length >= steps.length - 1;
}
