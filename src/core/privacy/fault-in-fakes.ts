import { nearest } from '../nearest.ts';
import { FAKE_KINDS, isFakeKind } from './fake-kinds.ts';

const EXAMPLE = "{ users: { email: 'email' }, sessions: 'empty' }";

/** What is wrong with a configuration's `fake`, as the end of a sentence that names the column; undefined if nothing is. */
export function faultInFakes(fakes: unknown): string | undefined {
  if (!isObject(fakes)) return `must be an object, as in ${EXAMPLE}`;
  return Object.entries(fakes)
    .map(([table, said]) => faultInTable(table, said))
    .find((fault) => fault !== undefined);
}

function faultInTable(table: string, said: unknown): string | undefined {
  if (said === 'empty') return undefined;
  if (!isObject(said)) return fault(table, said, ['empty'], `which must be columns or 'empty', as in ${EXAMPLE}`);
  const wrong = Object.entries(said).find(([, kind]) => kind !== null && kind !== 'keep' && !isFakeKind(kind));
  if (wrong === undefined) return undefined;
  const [column, kind] = wrong;
  const rule = `which must be null, 'keep', or one of: ${FAKE_KINDS.join(', ')}`;
  return fault(`${table}.${column}`, kind, [...FAKE_KINDS, 'keep'], rule);
}

/** No word is as long: what is may be a value that somebody put there. */
const LONGEST = 30;

function fault(of: string, said: unknown, words: readonly string[], rule: string): string {
  if (typeof said !== 'string' || said.length > LONGEST) return `says something else of ${of}, ${rule}`;
  const meant = nearest(said, words);
  return `says '${said}' of ${of}${meant === undefined ? `, ${rule}` : `; did you mean '${meant}'?`}`;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
