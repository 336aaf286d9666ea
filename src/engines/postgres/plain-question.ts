import { connect, type Socket } from 'node:net';
import type { Address } from './address.ts';
import { type Login, loginWith } from './login.ts';

/**
 * The one value that a question comes to, asked in the server's own protocol: to be let in and answered takes less time than to load a driver.
 * Undefined where the server wants to know what only drivers know how to tell. Throws whatever else stands in the way, and after so many
 * milliseconds.
 */
export async function askPlainly(
  { address, password }: Asked,
  sql: string,
  patience: number,
): Promise<Answer | undefined> {
  const socket = connect(placeOf(address));
  const timer = setTimeout(() => socket.destroy(new Error('the server does not answer')), patience);
  try {
    socket.write(greeting(address));
    return await converse(socket, loginWith(password), sql);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

export interface Asked {
  readonly address: Address;
  readonly password?: string | undefined;
}

export interface Answer {
  /** Undefined for NULL. */
  readonly value: string | undefined;
}

const placeOf = ({ host, port }: Address) =>
  host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port: Number(port) };

async function converse(socket: Socket, login: Login, sql: string): Promise<Answer | undefined> {
  let isAsked = false;
  let answer: Answer | undefined;
  for await (const { kind, body } of messagesOf(socket)) {
    if (kind === 'E') throw new Error('the server refuses');
    if (kind === 'R') {
      const words = await login(body);
      if (words === undefined) return undefined;
      if (words.length > 0) socket.write(message('p', ...words));
    }
    if (kind === 'D') answer = firstValue(body);
    if (kind === 'Z' && isAsked) {
      socket.write(message('X'));
      return answer;
    }
    if (kind === 'Z') {
      socket.write(message('Q', Buffer.from(`${sql}\0`)));
      isAsked = true;
    }
  }
  throw new Error('the server hung up');
}

const PROTOCOL = 3 << 16;

function greeting({ user, database }: Address): Buffer {
  const said = { user, database, application_name: 'overwinter', client_encoding: 'UTF8' };
  const version = Buffer.alloc(4);
  version.writeInt32BE(PROTOCOL);
  const text = Object.entries(said).map(([name, value]) => `${name}\0${value}\0`);
  return framed(Buffer.concat([version, Buffer.from(`${text.join('')}\0`)]));
}

const message = (kind: string, ...words: readonly Buffer[]) =>
  Buffer.concat([Buffer.from(kind), framed(Buffer.concat(words))]);

/** What is said, after how long it is, this number included. */
function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + length.length);
  return Buffer.concat([length, body]);
}

async function* messagesOf(socket: Socket) {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD) {
      const end = rest.readInt32BE(1) + 1;
      if (end < HEAD || end > LONGEST) throw new Error('this is no server of PostgreSQL');
      if (rest.length < end) break;
      yield { kind: rest.toString('latin1', 0, 1), body: rest.subarray(HEAD, end) };
      rest = rest.subarray(end);
    }
  }
}

/** A letter, and how long the rest is. */
const HEAD = 5;
const LONGEST = 1_000_000;

/** Of a row: after the number of its values comes each one's length, which is negative for NULL. */
function firstValue(row: Buffer): Answer {
  const length = row.readInt32BE(2);
  return { value: length < 0 ? undefined : row.toString('utf8', 6, 6 + length) };
}
