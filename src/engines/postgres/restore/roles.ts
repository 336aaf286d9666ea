import type { SchemaObject } from '../../../core/manifest.ts';
import { rolesMissing } from '../../../core/problems/postgres.ts';
import { type Word, wordsIn } from '../../sql-words.ts';
import type { Session } from '../driver.ts';
import { atTheTop } from './definition.ts';

/** Who is meant by nobody's name. */
const NOBODY = ['public', 'current_user', 'current_role', 'session_user'];

/** The roles that definitions name: those that policies are for, and that may do something. */
function rolesIn(schema: readonly SchemaObject[]): string[] {
  const roles = schema
    .filter(({ type }) => type === 'policy' || type === 'grant')
    .flatMap(({ type, sql }) => rolesAfter(atTheTop([...wordsIn(sql)]), type === 'policy' ? ['TO'] : ['TO', 'FROM']));
  return [...new Set(roles)].sort();
}

function rolesAfter(words: readonly Word[], beginnings: readonly string[]): string[] {
  const isAny = (word: Word, texts: readonly string[]) =>
    word.kind === 'word' && texts.includes(word.text.toUpperCase());
  const from = words.findIndex((word) => isAny(word, beginnings));
  if (from < 0) return [];
  const rest = words.slice(from + 1);
  const end = rest.findIndex((word) => isAny(word, ['USING', 'WITH']));
  return rest
    .slice(0, end < 0 ? undefined : end)
    .filter((word) => word.kind === 'name' || (word.kind === 'word' && !NOBODY.includes(word.text.toLowerCase())))
    .map(({ text }) => text);
}

/** Throws DATABASE_FAILED, before anything is touched, where a role that definitions name is not there. */
export async function mustHaveRoles(session: Session, label: string, schema: readonly SchemaObject[]): Promise<void> {
  const missing = await missingRoles(session, schema);
  if (missing.length > 0) throw rolesMissing(label, missing)();
}

export async function missingRoles(session: Session, schema: readonly SchemaObject[]): Promise<string[]> {
  const wanted = rolesIn(schema);
  if (wanted.length === 0) return [];
  const there = new Set((await session.query('SELECT rolname FROM pg_catalog.pg_roles')).map(([name]) => name ?? ''));
  return wanted.filter((role) => !there.has(role));
}
