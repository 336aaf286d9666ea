import { type Address, addressOf, type Environment, labelOf } from './address.ts';
import type { Access } from './database.ts';
import { connectToServer } from './pg-driver.ts';
import { waitedOnce } from './waited-once.ts';

/** A database on a server. Nobody is asked yet. Throws USAGE for an address that is none. */
export function onServer(url: string, env: Environment, wait: number): Access {
  const address = addressOf(url, env);
  return {
    label: labelOf(address),
    id: idOf(address),
    scope: {},
    connect: waitedOnce(() => connectToServer(url, env), Date.now),
    connectTo: (database) => connectToServer(withDatabase(url, database), env),
    ...drillServer(env),
    isThere: () => true,
    wait,
    close: async () => {},
  };
}

/** Another server, where backups are tried: production's is spared. Throws USAGE for an address that is none. */
function drillServer(env: Environment): Pick<Access, 'drillOn'> {
  const url = env.OVERWINTER_DRILL;
  if (url === undefined || url === '') return {};
  return {
    drillOn: {
      label: labelOf(addressOf(url, env)),
      connect: () => connectToServer(url, env),
      connectTo: (database) => connectToServer(withDatabase(url, database), env),
    },
  };
}

/** Whoever reaches it: the user's name is not part of it. */
const idOf = ({ host, port, database }: Address) => `postgres://${host}:${port}/${database}`;

function withDatabase(url: string, database: string): string {
  const [, before = '', after = ''] = /^([^:]+:\/\/[^/?#]*)[^?#]*(.*)$/.exec(url) ?? [];
  return `${before}/${encodeURIComponent(database)}${after}`;
}
