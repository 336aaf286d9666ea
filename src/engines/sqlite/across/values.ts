import { base64Of, textOfReal, type Value } from '../../../core/common/value.ts';
import { membersOf } from '../../../core/json.ts';

/** What a member of a row's line says; see docs/format.md. */
export function readValue(member: string): Value {
  const first = member.charAt(0);
  if (first === '"') return String(JSON.parse(member));
  if (first === '{') return readTagged(member);
  if (member === 'null') return null;
  return /[.eE]/.test(member) ? Number(member) : BigInt(member);
}

function readTagged(member: string): Value {
  const [[tag, said] = ['', '""']] = membersOf(member);
  const text = String(JSON.parse(said));
  if (tag === '$blob') return Buffer.from(text, 'base64');
  if (tag === '$text') return { torn: Buffer.from(text, 'base64') };
  return Number(text);
}

export function writeReal(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '{"$real":"Infinity"}';
  if (value === Number.NEGATIVE_INFINITY) return '{"$real":"-Infinity"}';
  if (Object.is(value, -0)) return '{"$real":"-0.0"}';
  const text = textOfReal(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

export const writeBytes = (bytes: Uint8Array): string => `{"$blob":"${base64Of(bytes)}"}`;
