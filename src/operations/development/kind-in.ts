import { parse } from '../../core/json.ts';
import { type FakeKind, isIdentifying } from '../../core/privacy/fake-kinds.ts';

/** Values that are to go, by the kind that they are of; of telephone numbers the digits, too. */
export interface PrivateValues {
  readonly texts: ReadonlyMap<string, FakeKind>;
  readonly digits: ReadonlySet<string>;
}

/** What is written in a value; undefined where it is no text and no number. */
export function textIn(member: string): string | undefined {
  if (member.startsWith('"')) return String(parse(member)).trim();
  return /^\d/.test(member) ? member : undefined;
}

const WORDS = /[\p{L}\p{N}@._%+:/-]{5,}/gu;
const ADDRESSES = /[\p{L}\p{N}._%+'=/!#$&*?^`{|}~-]+@[\p{L}\p{N}.-]+/gu;
/** An address may have these in it, and they may stand before one. */
const BEFORE_ADDRESS = /['=/!#$&*?^`{|}~]/g;

/** Fewer digits stand everywhere. */
export const FEWEST_DIGITS = 7;
const MOST_GROUPS = 8;
const GROUPS = /\d[\d ()./-]{5,}\d/g;

/** Which private value stands in a text: as a whole, or, where it is somebody's alone, as a word, an address or the digits of a number. */
export function kindIn(text: string, values: PrivateValues): FakeKind | undefined {
  const { texts, digits } = values;
  const whole = texts.get(text);
  if (whole !== undefined) return whole;
  for (const word of wordsIn(text)) {
    const kind = texts.get(word);
    if (kind !== undefined && isIdentifying(kind)) return kind;
  }
  return digits.size > 0 && numbersIn(text).some((each) => digits.has(each)) ? 'phone' : undefined;
}

function* wordsIn(text: string): Generator<string> {
  for (const [word] of text.matchAll(WORDS)) {
    yield word;
    yield word.replace(/^[._:/+-]+|[._:/-]+$/g, '');
    if (/[:/]/.test(word)) yield* word.split(/[:/]+/).map((part) => part.replace(/[._-]+$/, ''));
  }
  if (!text.includes('@')) return;
  for (const [found] of text.matchAll(ADDRESSES)) {
    const address = found.replace(/[.-]+$/, '');
    yield address;
    for (const { index } of address.matchAll(BEFORE_ADDRESS)) yield address.slice(index + 1);
  }
}

/** What may be a number, however it is grouped, among others or alone. */
function numbersIn(text: string): string[] {
  return [...text.matchAll(GROUPS)].flatMap(([run]) => {
    const groups = run.split(/\D+/);
    return groups.flatMap((_, from) =>
      Array.from({ length: Math.min(MOST_GROUPS, groups.length - from) }, (_each, more) =>
        groups.slice(from, from + more + 1).join(''),
      ).filter((each) => each.length >= FEWEST_DIGITS),
    );
  });
}
