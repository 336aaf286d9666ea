import type { Entry } from './books.ts';

/** A form that cannot be taken as it is, in words for whoever filled it in. */
export class Mistake extends Error {}

type Fields = Record<string, unknown>;

export function text(fields: Fields, name: string, longest = 80): string {
  const value = fields[name];
  const said = typeof value === 'string' ? value.trim() : '';
  if (said === '') throw new Mistake(`Please fill in “${name}”.`);
  if (said.length > longest) throw new Mistake(`“${name}” may have ${longest} characters.`);
  return said;
}

/** Cents, of an amount as people type it. */
export function amount(fields: Fields): number {
  const [, euros = '', cents = ''] = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text(fields, 'amount')) ?? [];
  const value = Number(euros) * 100 + Number(cents.padEnd(2, '0'));
  if (euros === '' || value === 0) throw new Mistake('Please give an amount such as 12.50.');
  return value;
}

export function email(fields: Fields): string {
  const said = text(fields, 'email', 200).toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(said)) throw new Mistake('That is no e-mail address.');
  return said;
}

export function newPassword(fields: Fields): string {
  const given = fields.password;
  if (typeof given !== 'string' || given.length < 10) throw new Mistake('A password needs at least 10 characters.');
  if (given.length > 200) throw new Mistake('A password may have 200 characters.');
  return given;
}

export function entry(fields: Fields): Entry {
  const day = text(fields, 'day');
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day))) throw new Mistake('That is no day.');
  const note = typeof fields.note === 'string' ? fields.note.trim().slice(0, 200) : '';
  return { day, what: text(fields, 'what'), note: note === '' ? null : note, cents: amount(fields) };
}
