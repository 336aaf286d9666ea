import {
  ABOUT,
  AFTER,
  BARE,
  BESIDE,
  ELSEWHERE,
  HOLDER,
  KEPT_TOKENS,
  LAST,
  LOGIN,
  OPEN,
  OPEN_TABLE,
  PEOPLE,
  QUESTION,
  STRONG,
  TAIL,
  UNLESS,
} from './credential-words.ts';
import { saidOfSchemas } from './known-schemas.ts';
import { singular, takenApart, wordsOf } from './name-words.ts';

/** Where a column stands. */
export interface Whereabouts {
  readonly table?: string;
  readonly type?: string;
  /** All columns of its table. */
  readonly columns?: readonly string[];
}

/**
 * Whether a column's name says that it holds a credential: something that lets whoever reads it in. What merely speaks of one
 * (`token_count`, `password_changed_at`) does not, because a column that is left out wrongly is data that no backup has.
 */
export function looksLikeCredential(column: string, { table = '', type = '', columns }: Whereabouts = {}): boolean {
  if (NEVER.test(type)) return false;
  const said = saidOfSchemas(table, column, columns);
  if (said !== undefined) return said;
  const words = piecesOf(column);
  const place: Place = { words: piecesOf(table).map(singular), columns };
  const isOne = isSecret(words, place) || isHolder(words, place);
  return isOne && (!NUMBER.test(type) || (words.some((word) => NUMERIC.has(word)) && !isPostal(words)));
}

interface Place {
  readonly words: readonly string[];
  readonly columns: readonly string[] | undefined;
}

/** Answers, dates and places: nothing that could let anybody in. */
const NEVER = /BOOL|^BIT\b|DATE|TIME|INTERVAL|VECTOR|POINT|GEOMETRY|^INET|^CIDR/i;

/** A number is hardly ever a credential; these few are. */
const NUMBER = /INT|REAL|FLOA|DOUB|NUM|DEC|MONEY|SERIAL/i;
const NUMERIC = new Set(['password', 'passcode', 'passwd', 'pwd', 'otp', 'totp', 'cvv', 'cvc', 'pin', 'code', 'card']);

const isPostal = (words: readonly string[]) => words.slice(-2).join(' ') === 'pin code';

const KNOWN = new Set(
  [STRONG, LAST, AFTER.keys(), ...AFTER.values(), ABOUT, TAIL, BARE, BESIDE, QUESTION].flatMap((words) => [...words]),
);
/** Short ones are found in words that have nothing to do with them. */
const isKnown = (piece: string) =>
  (piece.length > 2 || ['id', 'at', 'pw', 'db', 'cc'].includes(piece)) &&
  (KNOWN.has(piece) || KNOWN.has(singular(piece)));

const piecesOf = (name: string) => wordsOf(name).flatMap((word) => takenApart(word, isKnown));

function isSecret(words: readonly string[], place: Place): boolean {
  const [first = ''] = words;
  if (words.length > 1 && QUESTION.has(singular(first))) return false;
  if (words.some((word) => OPEN.has(word))) return false;
  // From the end: what follows a credential and adds nothing is taken away word by word.
  for (let end = words.length; end > 0; end--) {
    const rest = words.slice(0, end);
    if (endsInSecret(rest, place)) return true;
    const last = rest.at(-1) ?? '';
    if (end > 1 && isAbout(last)) return false;
    if (!TAIL.has(last) && !/^\d+$/.test(last)) break;
  }
  return words.some((word) => STRONG.has(word));
}

const isLast = (word: string) => LAST.has(word) || LAST.has(singular(word));
const isAbout = (word: string) => ABOUT.has(word) || ABOUT.has(singular(word));

function endsInSecret(words: readonly string[], place: Place): boolean {
  const [last = '', before] = [words.at(-1), words.at(-2)];
  if (before === undefined)
    return STRONG.has(last) || isBare(last, place) || (isLast(last) && !BARE.has(last) && last !== 'rt');
  if (UNLESS.get(singular(last))?.has(before) === true) return false;
  if (last === 'token') return !isElsewhere('token', place);
  if (last === 'tokens') return KEPT_TOKENS.has(before);
  if (isElsewhere(before, place)) return false;
  if (last === 'id') return AFTER.get('id')?.has(before) === true && keepsSessions(place);
  if (last === 'data' && before === 'session' && place.words.at(-1) === 'session') return isOfLogins(place.words);
  if (isLast(last)) return true;
  return (AFTER.get(last) ?? AFTER.get(singular(last)))?.has(before) === true;
}

/** Of the words that say it where they are the whole name, which do so in this table. */
function isBare(word: string, place: Place): boolean {
  if (word === 'sid' || word === 'sess') return place.words.includes('session');
  if (word === 'seed')
    return place.words.some((each) => ['wallet', 'otp', 'totp', 'mfa', 'authenticator'].includes(each));
  if (!BARE.has(word) || isElsewhere(singular(word), place)) return false;
  if (place.words.length === 0) return true;
  if (word === 'hash' || word === 'clave') return isOfPeople(place);
  if (word === 'session')
    return isOfLogins(place.words) || place.words.some((each) => each !== word && PEOPLE.has(each));
  return true;
}

const isOfPeople = ({ words }: Place) =>
  words.some((word) => PEOPLE.has(word)) && !words.some((word) => CONTENT.test(word));

const CONTENT =
  /^(file|blob|object|commit|block|transaction|image|photo|asset|media|document|page|chunk|migration|cache|upload|attachment|artifact|version|article|post|message|download|snapshot|backup|email|analytic|stat)$/;

const isElsewhere = (word: string, { words }: Place) => words.some((each) => ELSEWHERE.get(word)?.has(each) === true);

/** A table's log-ins are named by ids; what happened during one is only counted by them. */
const keepsSessions = ({ words }: Place) =>
  words.length === 0 ||
  isOfLogins(words) ||
  words.some((word) => ['user', 'account', 'login', 'cart', 'auth'].includes(word));

const isOfLogins = (words: readonly string[]) =>
  words.at(-1) === 'session' && words.slice(0, -1).every((word) => LOGIN.has(word) || word.length < 4);

/** `key` and `value` mean nothing, but for a table that is named after its secrets. */
function isHolder(words: readonly string[], place: Place): boolean {
  const rest = words.filter((word, at) => at === 0 || !TAIL.has(word));
  const [only = '', ...more] = rest;
  if (more.length > 0 || !HOLDER.has(singular(only)) || OPEN_TABLE.test(place.words.join('_'))) return false;
  if (isOfLogins(place.words)) return isOfTheWeb(place.columns);
  return isSecret(place.words, { words: [], columns: undefined });
}

/** Whether a table's rows are people, who are worth more than the credential that they cannot come back without. */
export const isOfUsers = (table: string) => USERS.has(singular(piecesOf(table).at(-1) ?? ''));

const USERS = new Set(
  'user usr superuser account member customer client admin administrator person people staff employee profile'.split(
    ' ',
  ),
);

/** Trainings and talks are sessions, too; those of log-ins end, and are somebody's. */
const isOfTheWeb = (columns: readonly string[] | undefined) =>
  columns === undefined ||
  columns.some((name) => /expir|activity|lifetime|agent|ip_?addr|token|^sid$|sess|access|updated|modified/i.test(name));
