import type { FakeKind } from '../../core/privacy/fake-kinds.ts';

const DIGITS = /^\+?[\d ()./-]{7,}$/;
const DATE = /^\d{4}-\d\d-\d\d/;
const IP = /^\d{1,3}(\.\d{1,3}){3}$/;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const LONG = 20;
const SHORTEST_TOKEN = 10;

/**
 * What a text is that goes without a fake, so that nobody said its kind: only what can be somebody's alone. Words that many rows share are
 * none, nor days.
 */
export function kindByLook(text: string): FakeKind | undefined {
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return 'email';
  if (DATE.test(text)) return undefined;
  if (IP.test(text)) return 'ip';
  if (UUID.test(text)) return 'uuid';
  if (DIGITS.test(text)) return text.replace(/\D/g, '').length < 7 ? undefined : /[ +]/.test(text) ? 'phone' : 'token';
  if (/^\S+$/.test(text) && text.length >= SHORTEST_TOKEN && /\d/.test(text) && /\p{L}/u.test(text)) return 'token';
  return text.length >= LONG ? 'text' : undefined;
}
