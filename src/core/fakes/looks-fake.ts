import type { FakeKind } from '../privacy/fake-kinds.ts';
import { checkOf } from './texts.ts';
import { CITIES, COMPANY_ENDS, FIRST_NAMES, LAST_NAMES, STREETS } from './words.ts';

const END = '( [0-9a-z]{12})?';
const among = (words: readonly string[]) => `(?:${words.join('|')})`;
const one = (...parts: readonly string[]) => new RegExp(`^${parts.join('')}$`);

/** How texts of a kind look that were made up; the other kinds look like what they stand for. */
const LOOKS: Partial<Record<FakeKind, RegExp>> = {
  name: one(among(FIRST_NAMES), `(?: ${among(LAST_NAMES)})?`, END),
  phone: /^(?:\+1 ?)?[2-9]\d\d ?555 ?01\d\d$|^\+999\d{12}$/,
  address: one('\\d{1,3} ', among(STREETS), ' Street', END),
  city: one(among(CITIES), END),
  company: one(among(LAST_NAMES), ' ', among(STREETS), ' ', among(COMPANY_ENDS), END),
  url: one('https://(?:', among(LAST_NAMES.map((word) => word.toLowerCase())), '\\.)?example\\.com/[0-9a-z]{6,12}'),
  ip: /^(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}$|^2001:db8(?::[0-9a-f]{4}){6}$/,
};

/** Whether a text looks like a fake of a kind; undefined where a fake has no look of its own. */
export function looksFake(kind: FakeKind, text: string): boolean | undefined {
  if (kind !== 'email') return LOOKS[kind]?.test(text);
  const [, before, check] = /^([a-z.]*[0-9a-z]{6,12})([0-9a-z]{2})@example\.(?:com|org|net)$/.exec(text) ?? [];
  return before !== undefined && check === checkOf(before);
}

/** So few values may look like it by chance. */
const FEWEST = 2;

/** Of these each tells by itself that it was made up; that of two nobody made one is one chance in a million. */
const CHECKED: readonly FakeKind[] = ['email'];

/**
 * Whether the values of a column look made up, whatever is empty among them: half of those that tell it by a check digit, all of the
 * others, which people may have as well.
 */
export function lookMadeUp(kind: FakeKind, values: readonly string[]): boolean {
  const distinct = [...new Set(values)].filter((value) => value.trim() !== '');
  const made = distinct.filter((value) => looksFake(kind, value) === true).length;
  const enough = kind === 'email' || kind === 'url' ? 1 : FEWEST;
  if (made === distinct.length) return made >= enough;
  return CHECKED.includes(kind) && made >= FEWEST && 2 * made >= distinct.length;
}
