import type { FakeKind } from '../privacy/fake-kinds.ts';
import { fnv1a } from '../slices.ts';
import type { Chance } from './chance.ts';
import { CITIES, COMPANY_ENDS, FIRST_NAMES, LAST_NAMES, LOREM, STREETS } from './words.ts';

/** How fakes of a kind are to be. */
export interface FakeRule {
  readonly kind: FakeKind;
  /** No two values become the same. */
  readonly isUnique: boolean;
  /** So many characters at most. */
  readonly most?: number;
  /** Whole numbers up to this one stay among those. */
  readonly largest: bigint;
}

/** So many letters tell millions of values apart. */
const TELLING = 12;
const SOME = 6;
const CHECKED = 2;

type MakesText = (value: string, chance: Chance, rule: FakeRule) => string;

/** What is written in place of a text. */
export const TEXTS: Readonly<Record<Exclude<FakeKind, 'date'>, MakesText>> = {
  name(value, chance, rule) {
    const first = chance.oneOf(FIRST_NAMES);
    const last = chance.oneOf(LAST_NAMES);
    return fitting(rule, chance, /\s/.test(value.trim()) ? [`${first} ${last}`, first] : [first]);
  },
  email(_value, chance, { isUnique, most = Number.POSITIVE_INFINITY }) {
    const host = chance.oneOf(HOSTS);
    const words = [chance.oneOf(FIRST_NAMES), chance.oneOf(LAST_NAMES)].map((word) => word.toLowerCase());
    const room = most - host.length - 1;
    const count = Math.max(SOME, Math.min(isUnique ? TELLING : SOME, room - CHECKED));
    const letters = chance.letters(count);
    const begin =
      [`${words.join('.')}.`, `${words[0]}.`, ''].find((each) => each.length + count + CHECKED <= room) ?? '';
    return `${begin}${letters}${checkOf(begin + letters)}@${host}`;
  },
  phone(_value, chance, rule) {
    const digits = (count: number) => Array.from({ length: count }, () => chance.below(10)).join('');
    // No country has this number.
    if (rule.isUnique) return `+999${digits(12)}`.slice(0, rule.most);
    const area = 201 + chance.below(789);
    const last = digits(2);
    const forms = [`+1 ${area} 555 01${last}`, `+1${area}55501${last}`, `${area}55501${last}`, `55501${last}`];
    return forms.find((form) => form.length <= (rule.most ?? form.length)) ?? `55501${last}`.slice(0, rule.most);
  },
  address: (_value, chance, rule) =>
    fitting(rule, chance, [`${1 + chance.below(199)} ${chance.oneOf(STREETS)} Street`]),
  city: (_value, chance, rule) => fitting(rule, chance, [chance.oneOf(CITIES)]),
  company: (_value, chance, rule) =>
    fitting(rule, chance, [`${chance.oneOf(LAST_NAMES)} ${chance.oneOf(STREETS)} ${chance.oneOf(COMPANY_ENDS)}`]),
  url(_value, chance, { isUnique, most = Number.POSITIVE_INFINITY }) {
    const begin = `https://${chance.oneOf(LAST_NAMES).toLowerCase()}.example.com/`;
    const letters = chance.letters(isUnique ? TELLING : SOME);
    return begin.length + letters.length <= most
      ? begin + letters
      : `https://example.com/${letters}`.slice(0, Math.max(SHORTEST.url, most));
  },
  ip(value, chance, { isUnique, most = LONG_IP }) {
    if (!isUnique && (!value.includes(':') || most < LONG_IP)) return `${chance.oneOf(NETS)}.${chance.below(256)}`;
    return `2001:db8:${Array.from({ length: 6 }, () => (0x1000 + chance.below(0xefff)).toString(16)).join(':')}`;
  },
  text(value, chance, { isUnique, most }) {
    const wanted = Math.min([...value].length, most ?? Number.POSITIVE_INFINITY);
    let text = isUnique ? chance.letters(Math.min(TELLING, wanted)) : '';
    while (text.length < wanted) text += `${text === '' ? '' : ' '}${chance.oneOf(LOREM)}`;
    return text.slice(0, wanted).replace(/ $/, '.');
  },
  number: lookingAlike,
  uuid(value, chance, { most = DASHED_UUID }) {
    const bytes = chance.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    const hasDashes = value.includes('-') && most >= DASHED_UUID;
    const made = hasDashes ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : hex;
    return /[A-F]/.test(value) ? made.toUpperCase() : made;
  },
  token: lookingAlike,
};

/** How long the longer of two ways to write one is. */
const LONG_IP = 39;
const DASHED_UUID = 36;

/** Reserved for examples, so nobody gets a mail. */
const HOSTS = ['example.com', 'example.org', 'example.net'];
/** Nobody has an address in these. */
const NETS = ['192.0.2', '198.51.100', '203.0.113'];

/** With fewer characters no fake of the kind would be one. */
const SHORTEST: Readonly<Record<FakeKind, number>> = {
  name: 3,
  email: 20,
  phone: 7,
  address: 8,
  city: 4,
  company: 4,
  url: 26,
  ip: 15,
  text: 1,
  number: 1,
  date: 10,
  uuid: 32,
  token: 1,
};

/** The same where no two may be the same. */
export const shortest = (kind: FakeKind, isUnique: boolean): number => {
  if (!isUnique) return SHORTEST[kind];
  if (kind === 'ip') return LONG_IP;
  return Math.max(SHORTEST[kind], kind === 'text' || kind === 'token' || kind === 'number' ? 1 : TELLING);
};

function fitting({ isUnique, most = Number.POSITIVE_INFINITY }: FakeRule, chance: Chance, forms: readonly string[]) {
  const end = isUnique ? chance.letters(TELLING) : '';
  const whole = forms.map((form) => (isUnique ? `${form} ${end}` : form)).find((form) => form.length <= most);
  return whole ?? (isUnique ? end : (forms.at(-1) ?? '')).slice(0, most).trimEnd();
}

/** Letters for letters, digits for digits, and all else as it is. */
function lookingAlike(value: string, chance: Chance, { most }: FakeRule): string {
  const letter = (first: string) => String.fromCharCode(first.charCodeAt(0) + chance.below(26));
  const made = value
    .replace(/\p{Nd}/gu, () => String(chance.below(10)))
    .replace(/\p{L}/gu, (each) => letter(each === each.toLowerCase() ? 'a' : 'A'));
  return [...made].slice(0, most).join('');
}

/** Two letters that follow from what is before them: so an address tells that it was made up. */
export const checkOf = (text: string): string =>
  (fnv1a(Buffer.from(text)) % 36 ** CHECKED).toString(36).padStart(CHECKED, '0');
