import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFailed } from '../../src/core/problems/database.ts';
import { busy } from '../../src/core/problems/machine.ts';
import type { Target } from '../../src/core/target.ts';
import type { Database, Engine } from '../../src/engines/engine.ts';
import { type Jar, jarCodec, jarDatabase, jarOf, type Shelf, textOf } from './jar.ts';

/**
 * Jars on a server: a kind of database that is a connection and no file. What is asked and answered is a line of JSON each; whoever has the
 * key asks, and who goes away lets go of its lock.
 */
export interface Pantry {
  /** The address of a jar, with the key in it. */
  url(name: string): string;
  /** What is in a jar; nothing where there is none. */
  jarIn(name: string): Jar;
  put(name: string, jar: Jar | undefined): void;
  /** What cannot be read as a jar. */
  spoil(name: string): void;
  /** How many are connected. */
  guests(): number;
  /** How many came until now. */
  visits(): number;
  close(): Promise<void>;
}

export const KEY = 'under-the-doormat';

interface Asked {
  readonly what: 'read' | 'write' | 'remove' | 'version' | 'lock' | 'unlock';
  readonly key: string;
  readonly name: string;
  readonly text?: string;
}

interface Answer {
  readonly text?: string;
  readonly isHeld?: boolean;
  readonly fault?: string;
}

export async function startPantry(): Promise<Pantry> {
  const jars = new Map<string, { readonly text: string; readonly version: number }>();
  const locks = new Map<string, Socket>();
  const guests = new Set<Socket>();
  const incarnation = randomUUID();
  let versions = 0;
  let visits = 0;

  const write = (name: string, text: string) => void jars.set(name, { text, version: ++versions });
  const remove = (name: string) => void jars.delete(name);
  const answer = ({ what, key, name, text = '' }: Asked, guest: Socket): Answer => {
    if (key !== KEY) return { fault: 'the door is locked' };
    const jar = jars.get(name);
    if (what === 'read') return jar === undefined ? {} : { text: jar.text };
    if (what === 'version') return jar === undefined ? {} : { text: `${incarnation} ${jar.version}` };
    if (what === 'write') write(name, text);
    if (what === 'remove') remove(name);
    if (what === 'unlock') locks.delete(name);
    if (what !== 'lock') return {};
    const isHeld = !locks.has(name);
    if (isHeld) locks.set(name, guest);
    return { isHeld };
  };

  const server = createServer((guest) => {
    guests.add(guest);
    visits++;
    guest.on('error', () => {});
    guest.on('close', () => {
      guests.delete(guest);
      for (const [name, holder] of locks) if (holder === guest) locks.delete(name);
    });
    createInterface({ input: guest }).on('line', (line) => {
      guest.write(`${JSON.stringify(answer(JSON.parse(line), guest))}\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: (name) => `postgres://cook:${KEY}@127.0.0.1:${port}/${name}`,
    jarIn: (name) => jarOf(jars.get(name)?.text ?? '{}'),
    put: (name, jar) => (jar === undefined ? remove(name) : write(name, textOf(jar))),
    spoil: (name) => write(name, 'mould'),
    guests: () => guests.size,
    visits: () => visits,
    async close() {
      for (const guest of guests) guest.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

type Server = Extract<Target, { readonly kind: 'postgres' }>;

/** It takes the place of the engine of another kind of server. */
export const pantry: Engine<Server> = {
  codec: jarCodec,
  open: async ({ url }) => jarAt(url),
};

export function jarAt(url: string): Database {
  const { host, port, hostname, password, pathname } = new URL(url);
  const name = pathname.slice(1);
  const label = `${host}/${name}`;
  const line = telephone(hostname, Number(port), label);
  const ask = (what: Asked['what'], text?: string) =>
    line.ask({ what, key: password, name, ...(text === undefined ? {} : { text }) });
  const own = new Map<string, string>();
  const hands: Shelf = {
    read: async (jar) => own.get(jar),
    write: async (jar, text) => void own.set(jar, text),
    remove: async (jar) => void own.delete(jar),
  };
  return jarDatabase({
    label,
    id: `jar://${label}`,
    name,
    shelf: {
      read: async () => (await ask('read')).text,
      write: async (_jar, text) => void (await ask('write', text)),
      remove: async () => void (await ask('remove')),
    },
    // Whoever fills one has it in hands until it is full.
    aside: () => ({ shelf: hands, name: randomUUID() }),
    fingerprint: async () => (await ask('version')).text,
    isTidy: () => true,
    async lock(wait, work) {
      const giveUpAt = performance.now() + wait;
      while (!(await ask('lock')).isHeld) {
        if (performance.now() >= giveUpAt) throw busy(label)();
        await sleep(5);
      }
      try {
        return await work();
      } finally {
        await ask('unlock');
      }
    },
    close: line.hangUp,
  });
}

/** One connection, begun with the first question and kept until somebody hangs up; one question after the other. */
function telephone(host: string, port: number, label: string) {
  let calling: Promise<{ ask(line: string): Promise<string>; isDead(): boolean; end(): void }> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const call = async () => {
    const socket = connect({ host, port });
    try {
      await once(socket, 'connect');
    } catch (error) {
      throw databaseFailed(label, 'nobody answers')(error);
    }
    const heard: ((line: string) => void)[] = [];
    let isDead = false;
    createInterface({ input: socket }).on('line', (line) => heard.shift()?.(line));
    const lost = new Promise<never>((_, reject) => {
      socket.on('error', reject);
      socket.on('close', () => {
        isDead = true;
        reject(databaseFailed(label, 'the line went dead')());
      });
    });
    lost.catch(() => {});
    return {
      isDead: () => isDead,
      ask(line: string) {
        const answer = new Promise<string>((resolve) => heard.push(resolve));
        socket.write(line);
        return Promise.race([answer, lost]);
      },
      end: () => void socket.end(),
    };
  };

  return {
    ask(asked: Asked): Promise<Answer> {
      const answered = last
        .catch(() => {})
        .then(async () => {
          const isLost = (await calling?.catch(() => undefined))?.isDead();
          const line = isLost ? call() : (calling ?? call());
          calling = line;
          line.catch(() => {
            if (calling === line) calling = undefined;
          });
          const said: Answer = JSON.parse(await (await line).ask(`${JSON.stringify(asked)}\n`));
          if (said.fault !== undefined) throw databaseFailed(label, said.fault)();
          return said;
        });
      last = answered;
      return answered;
    },
    async hangUp() {
      const open = calling;
      calling = undefined;
      (await open?.catch(() => undefined))?.end();
    },
  };
}
