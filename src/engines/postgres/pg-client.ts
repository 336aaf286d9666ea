import type { Client, ClientConfig } from 'pg';
import { addressUnreadable } from '../../core/problems/server.ts';

/** A client of the package `pg` that is not connected yet. It gives values as the server wrote them, and waits so long for a server, in milliseconds. */
export function clientFor(url: string, patience: number, Make: new (config: ClientConfig) => Client): Client {
  const client = made(url, patience, Make);
  // What the server says to nobody in particular would end the process; whoever asks next hears of it.
  client.on('error', () => {});
  return client;
}

function made(url: string, patience: number, Make: new (config: ClientConfig) => Client): Client {
  try {
    return new Make({
      connectionString: asPsqlReadsIt(url),
      application_name: 'overwinter',
      connectionTimeoutMillis: patience,
      keepAlive: true,
      // As the server wrote them, whatever the type.
      types: { getTypeParser: () => (text: string) => text },
    });
  } catch {
    // The driver's own words may repeat the address.
    throw addressUnreadable('the driver does not understand it')();
  }
}

/**
 * `sslmode=require` is encrypted, whoever answers, to every program but this driver, which would refuse the certificates of some hosts. And
 * `sslrootcert=system` is no file: whoever the machine trusts is trusted, and looked at closely.
 */
export function asPsqlReadsIt(url: string): string {
  if (/[?&]sslrootcert=system(&|$)/.test(url)) {
    const rest = url.replace(/(?<=[?&])(sslrootcert|sslmode)=[^&]*&?/g, '').replace(/[?&]$/, '');
    return `${rest}${rest.includes('?') ? '&' : '?'}sslmode=verify-full`;
  }
  const isLoose = /[?&]sslmode=(prefer|require|verify-ca)(&|$)/.test(url) && !/[?&]uselibpqcompat=/.test(url);
  return isLoose ? `${url}&uselibpqcompat=true` : url;
}
