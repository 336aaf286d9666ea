import { randomBytes } from 'node:crypto';

const HALF_AN_HOUR = 30 * 60_000;

/** Links that let whoever reads an address's mail choose its password: good for one use and half an hour. */
export interface Links {
  make(email: string): string;
  /** Whose it is, while it is good. */
  owner(token: string): string | undefined;
  use(token: string): string | undefined;
}

export function createLinks(now: () => number): Links {
  const links = new Map<string, { readonly email: string; readonly until: number }>();
  const owner: Links['owner'] = (token) => {
    for (const [each, { until }] of links) if (until <= now()) links.delete(each);
    return links.get(token)?.email;
  };
  return {
    owner,
    make(email) {
      const token = randomBytes(24).toString('base64url');
      links.set(token, { email, until: now() + HALF_AN_HOUR });
      return token;
    },
    use(token) {
      const email = owner(token);
      links.delete(token);
      return email;
    },
  };
}
