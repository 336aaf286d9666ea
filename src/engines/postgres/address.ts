import { addressUnreadable } from '../../core/problems/server.ts';

/** Where a database on a server is, without what lets anybody in. */
export interface Address {
  /** A name, a number, or the folder of a socket. */
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
}

/** What an address leaves open, the variables of PostgreSQL's own programs say. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws USAGE, without a word of what cannot be read. */
export function addressOf(url: string, env: Environment): Address {
  const read = parsed(url);
  const said = (name: string) => read.searchParams.get(name) ?? '';
  const user = said('user') || decoded(read.username) || env.PGUSER || env.USER || '';
  return {
    host: said('host') || hostIn(read) || env.PGHOST || 'localhost',
    port: said('port') || read.port || env.PGPORT || '5432',
    database: decoded(read.pathname.slice(1)) || env.PGDATABASE || user,
    user,
  };
}

/** What is to be proved there; undefined where neither says it. Throws USAGE, as `addressOf` does. */
export const passwordIn = (url: string, env: Environment): string | undefined =>
  decoded(parsed(url).password) || env.PGPASSWORD || undefined;

/** `db.example.org/shop`: as people call it. */
export function labelOf({ host, port, database }: Address): string {
  const at = host.includes(':') ? `[${host}]` : host;
  return `${host.startsWith('/') ? 'localhost' : at}${port === '5432' ? '' : `:${port}`}/${database}`;
}

/** What `createdb` is called with to make the database there. */
export const toCreate = ({ host, port, user, database }: Address): string[] => [
  ...['-h', host, ...(port === '5432' ? [] : ['-p', port]), ...(user === '' ? [] : ['-U', user])],
  database,
];

/** An address with a user and without a host, as sockets have, is none to `URL`. */
function parsed(url: string): URL {
  const text = [url, url.replace('@/', `@${NO_HOST}/`)].find((each) => URL.canParse(each));
  if (text === undefined) throw addressUnreadable('it is no URL')();
  return new URL(text);
}

const NO_HOST = 'no-host';
const hostIn = ({ hostname }: URL) => (hostname === NO_HOST ? '' : decoded(hostname.replace(/^\[(.+)\]$/, '$1')));

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
