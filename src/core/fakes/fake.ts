import { parse } from '../json.ts';
import { chanceOf, type Secret } from './chance.ts';
import { fakeDate, fakeInstant } from './dates.ts';
import { fakeNumber } from './numbers.ts';
import { type FakeRule, TEXTS } from './texts.ts';

/** Makes fakes of the values of a row's line; undefined of what has none: a truth value, a list. */
export type MakesFake = (member: string) => string | undefined;

/**
 * The same value always becomes the same fake, wherever it stands, and nobody without the secret can tell of which value a fake is. What is
 * empty stays so.
 */
export function fakesFor(rule: FakeRule, secret: Secret): MakesFake {
  return (member) => {
    if (member === 'null' || member === '""') return member;
    if (member.startsWith('"')) return JSON.stringify(fakeText(String(parse(member)), rule, secret));
    if (/^-?\d/.test(member))
      return rule.kind === 'date' ? fakeInstant(member, secret) : fakeNumber(member, secret, rule.largest);
    const [, what, base64 = ''] = /^\{"\$(blob|text)":"([^"]*)"\}$/.exec(member) ?? [];
    if (what === undefined) return /^\{"\$real":"[^"]*"\}$/.test(member) ? '0.0' : undefined;
    const bytes = Buffer.from(base64, 'base64');
    if (what === 'text') return JSON.stringify(fakeText(bytes.toString('latin1'), rule, secret));
    return `{"$blob":"${chanceOf(secret, 'bytes', base64).bytes(bytes.length).toString('base64')}"}`;
  };
}

function fakeText(value: string, rule: FakeRule, secret: Secret): string {
  const { kind } = rule;
  if (kind === 'date') return fakeDate(value, secret).slice(0, rule.most);
  const number = kind === 'number' ? fakeNumber(value, secret, rule.largest) : undefined;
  if (number !== undefined) return number;
  return TEXTS[kind](value, chanceOf(secret, kind, value), rule);
}
