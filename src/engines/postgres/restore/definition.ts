import type { OverwinterError } from '../../../core/errors.ts';
import type { SchemaObject } from '../../../core/manifest.ts';
import { restoreInexact } from '../../../core/problems/restoring.ts';
import { type Word, wordsIn } from '../../sql-words.ts';

/** How a definition of each kind begins, word by word; a word in brackets may be missing. */
const BEGINNINGS: Readonly<Record<string, readonly string[]>> = {
  schema: ['CREATE SCHEMA'],
  extension: ['CREATE EXTENSION'],
  collation: ['CREATE COLLATION'],
  dictionary: ['CREATE TEXT SEARCH DICTIONARY'],
  configuration: ['CREATE TEXT SEARCH CONFIGURATION'],
  mapping: ['ALTER TEXT SEARCH CONFIGURATION'],
  enum: ['CREATE TYPE'],
  domain: ['CREATE DOMAIN'],
  composite: ['CREATE TYPE'],
  range: ['CREATE TYPE'],
  sequence: ['CREATE SEQUENCE', 'CREATE UNLOGGED SEQUENCE'],
  function: ['CREATE OR REPLACE FUNCTION'],
  procedure: ['CREATE OR REPLACE PROCEDURE'],
  table: ['CREATE TABLE', 'CREATE UNLOGGED TABLE'],
  alter: ['ALTER TABLE', 'ALTER SEQUENCE', 'ALTER MATERIALIZED VIEW'],
  default: ['ALTER TABLE ONLY'],
  partition: ['ALTER TABLE ONLY'],
  view: ['CREATE VIEW'],
  constraint: ['ALTER TABLE', 'ALTER DOMAIN'],
  index: ['CREATE INDEX', 'CREATE UNIQUE INDEX'],
  attach: ['ALTER INDEX'],
  'foreign key': ['ALTER TABLE'],
  setting: ['ALTER TABLE', 'ALTER INDEX', 'ALTER STATISTICS', 'ALTER MATERIALIZED VIEW'],
  'materialized view': ['CREATE MATERIALIZED VIEW'],
  statistics: ['CREATE STATISTICS'],
  rule: ['CREATE RULE'],
  trigger: ['CREATE TRIGGER', 'CREATE CONSTRAINT TRIGGER'],
  policy: ['CREATE POLICY'],
  security: ['ALTER TABLE'],
  comment: ['COMMENT ON'],
  grant: ['GRANT', 'REVOKE'],
};

/** What takes something away, gives it to somebody else, or runs a query: no definition of a kind says so. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  table: ['AS', 'SELECT', 'EXECUTE'],
  mapping: ['DROP', 'OWNER', 'RENAME'],
  alter: ['DROP', 'OWNER', 'RENAME', 'ADD'],
  default: ['OWNER', 'RENAME', 'ADD'],
  partition: ['DROP', 'OWNER', 'RENAME', 'ADD', 'DETACH'],
  constraint: ['DROP', 'OWNER', 'RENAME'],
  'foreign key': ['OWNER', 'RENAME'],
  attach: ['DROP', 'OWNER', 'RENAME', 'TABLESPACE'],
  setting: ['DROP', 'OWNER', 'RENAME', 'ADD'],
  security: ['DROP', 'OWNER', 'RENAME', 'ADD'],
};

/**
 * A definition comes out of a backup, which is somebody's text, and is run with the rights of whoever restores. So it must be one statement
 * that makes what its entry says. What a function does when it is called, nobody can tell. Throws RESTORE_INEXACT.
 */
export function mustDefine(object: SchemaObject): void {
  const words = [...wordsIn(object.sql)].filter(({ kind }) => kind !== 'comment');
  const flat = atTheTop(words);
  const text = words
    .slice(0, 5)
    .map((word) => (word.kind === 'word' ? word.text.toUpperCase() : '?'))
    .join(' ');
  const begins = (BEGINNINGS[object.type] ?? []).some((beginning) => `${text} `.startsWith(`${beginning} `));
  const forbidden = FORBIDDEN[object.type] ?? [];
  const isClean = !flat.some(({ kind, text: word }) => kind === 'word' && forbidden.includes(word.toUpperCase()));
  // A right on something, and no role for somebody.
  const isGrant = object.type !== 'grant' || flat.some((word) => isWord(word, 'ON'));
  if (!begins || !isClean || !isGrant || !words.every(({ isWhole }) => isWhole) || !isOneStatement(object, words))
    throw isNone(object);
}

const isNone = ({ type, name }: SchemaObject): OverwinterError =>
  restoreInexact(`with ${type} '${name}'`, 'its definition is none')();

const isWord = (word: Word | undefined, text: string) => word?.kind === 'word' && word.text.toUpperCase() === text;

/** What stands in no parentheses. */
export function atTheTop(words: readonly Word[]): Word[] {
  let depth = 0;
  return words.filter((word) => {
    if (word.kind === 'mark' && word.text === '(') depth++;
    else if (word.kind === 'mark' && word.text === ')') depth--;
    else return depth === 0;
    return false;
  });
}

/** A semicolon may only stand within the body of a function in SQL, and between parentheses, as in a rule. */
function isOneStatement({ type }: SchemaObject, words: readonly Word[]): boolean {
  const hasBody = type === 'function' || type === 'procedure';
  let parentheses = 0;
  let blocks = 0;
  let bodies = 0;
  for (const [at, word] of words.entries()) {
    if (word.kind === 'mark' && word.text === '(') parentheses++;
    else if (word.kind === 'mark' && word.text === ')') {
      if (--parentheses < 0) return false;
    } else if (hasBody && isWord(word, 'BEGIN') && isWord(words[at + 1], 'ATOMIC') && bodies++ === 0) blocks++;
    else if (blocks > 0 && isWord(word, 'CASE')) blocks++;
    else if (blocks > 0 && isWord(word, 'END')) blocks--;
    else if (word.kind === 'mark' && word.text === ';' && parentheses === 0 && blocks === 0) return false;
    else if (word.kind === 'mark' && word.text === ';' && parentheses > 0 && type !== 'rule') return false;
  }
  return parentheses === 0 && blocks === 0;
}
