import { createPrivateKey, sign } from 'node:crypto';

/** A service account: nobody's, with a mailbox that a spreadsheet can be shared with. */
export interface GoogleKey {
  readonly email: string;
  readonly privateKey: string;
  /** Who gives what lets one in for an hour. */
  readonly tokens: string;
}

const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const TOKENS = 'https://oauth2.googleapis.com/token';
const HOUR_S = 3600;

/** The file that Google gives for a service account. Undefined for what is none; nothing of it is ever repeated. */
export function googleKeyIn(text: string): GoogleKey | undefined {
  try {
    const { client_email, private_key, token_uri = TOKENS }: Record<string, unknown> = JSON.parse(text);
    if (typeof client_email !== 'string' || typeof private_key !== 'string' || typeof token_uri !== 'string')
      return undefined;
    // It is signed for them alone, and what is signed lets one in.
    if (!token_uri.startsWith('https://')) return undefined;
    createPrivateKey(private_key);
    return { email: client_email, privateKey: private_key, tokens: token_uri };
  } catch {
    return undefined;
  }
}

/** What a token is asked for with: who asks, for what, until when, signed. */
export function assertionOf({ email, privateKey, tokens }: GoogleKey, nowMs: number): string {
  const now = Math.floor(nowMs / 1000);
  const claims = { iss: email, scope: SCOPE, aud: tokens, iat: now, exp: now + HOUR_S };
  const text = `${base64({ alg: 'RS256', typ: 'JWT' })}.${base64(claims)}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
}

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
