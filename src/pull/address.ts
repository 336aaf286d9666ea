import { hint, overwinter } from '../core/hint.ts';
import { usage } from '../core/problems/usage.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Where the listing is, for the address of an app's panel or of its export itself. Throws USAGE for what could give the token
 * away: another protocol than https, but on this machine, and a password in the address.
 */
export function exportAddress(given: string): URL {
  const example = hint`${overwinter('ci', '--app', 'https://app.example.org/settings/backups')}, with the token in OVERWINTER_TOKEN.`;
  if (!URL.canParse(given)) throw usage('What --app names is no address.', example)();
  const address = new URL(given);
  const local = address.protocol === 'http:' && LOOPBACK.test(address.hostname);
  if (address.protocol !== 'https:' && !local)
    throw usage('A backup is only brought over https, or from this very machine.', example)();
  if (address.username !== '' || address.password !== '')
    throw usage('The address holds a password, which others could read.', example)();
  address.search = '';
  address.hash = '';
  const path = address.pathname.replace(/\/+$/, '');
  address.pathname = path.endsWith('/export') ? path : `${path}/export`;
  return address;
}
