import { JsonSyntaxError, membersOf, parse } from './json.ts';

/** What stands in an object of a manifest, not yet believed. Whatever is not as it must be throws JsonSyntaxError. */
export type Fields = Record<string, unknown>;

export function fieldsOf(text: string | undefined, what: string): Fields {
  if (text === undefined) throw new JsonSyntaxError(`no ${what}`);
  // membersOf sees what JSON.parse lets pass: a key given twice.
  const members = membersOf(text);
  return Object.fromEntries([...members].map(([key, value]) => [key, parse(value)]));
}

export function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new JsonSyntaxError(`no text in ${key}`);
  return value;
}

function whole(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new JsonSyntaxError(`no whole number in ${key}`);
  return value;
}

/** Text that is shown to people: nothing in it may speak to their terminal. */
export function line(fields: Fields, key: string): string {
  const value = text(fields, key);
  if (/\p{Cc}/u.test(value)) throw new JsonSyntaxError(`a control character in ${key}`);
  return value;
}

/** A whole number within bounds, both of which belong to it. */
export function within(fields: Fields, key: string, least: number, most: number): number {
  const value = whole(fields, key);
  if (value < least || value > most) throw new JsonSyntaxError(`${value} as ${key}`);
  return value;
}

export const count = (fields: Fields, key: string) => within(fields, key, 0, Number.MAX_SAFE_INTEGER);

export function oneOf<T extends string>(fields: Fields, key: string, allowed: readonly T[]): T {
  const value = text(fields, key);
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new JsonSyntaxError(`an unknown ${key}`);
  return found;
}
