import { noBucketKey } from '../../core/problems/buckets.ts';
import type { Keys } from './sign.ts';

/** The keys of the environment. Throws STORE_FAILED where one is missing. */
export function keysIn(env: Readonly<Record<string, string | undefined>>, place: string): Keys {
  const value = (name: string) => env[name]?.trim() || undefined;
  const [id, secret] = [value('AWS_ACCESS_KEY_ID'), value('AWS_SECRET_ACCESS_KEY')];
  if (id === undefined) throw noBucketKey(place, 'AWS_ACCESS_KEY_ID')();
  if (secret === undefined) throw noBucketKey(place, 'AWS_SECRET_ACCESS_KEY')();
  return { id, secret, token: value('AWS_SESSION_TOKEN') };
}
