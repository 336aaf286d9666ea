import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/program.ts';
import { storeContract } from '../contracts/store.ts';
import { type MemoryPlace, memoryKind, memoryPlace, memoryStore, outOfReach } from '../support/memory-store.ts';
import { addRows, plainEnvironment } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

/*
 * A kind of store that nothing in src knows: its own file, and a line in a registry. All that a place can be asked for goes through the
 * command line as it is.
 */

for (const replaces of [true, false])
  storeContract(`a place in memory that ${replaces ? 'replaces' : 'never replaces'} files`, () => {
    const place = memoryPlace(replaces);
    return { store: memoryStore(place), again: () => memoryStore(place) };
  });

const places = new Map<string, MemoryPlace>();
const stores = { memory: async () => memoryKind(places) };

afterEach(() => {
  places.clear();
  process.exitCode = undefined;
});

function stream(): Writable & { text: string } {
  const into = Object.assign(new Writable(), { text: '' });
  into._write = (chunk, _encoding, done) => {
    into.text += String(chunk);
    done();
  };
  return into;
}

/** One call of the command line, in this process. */
async function overwinter(cwd: string, ...argv: string[]) {
  const [out, err] = [stream(), stream()];
  process.exitCode = undefined;
  const env = { ...plainEnvironment, OVERWINTER_HOST: 'none', OVERWINTER_ENVIRONMENT: 'production' };
  await main({ argv, cwd, env, now: () => new Date(), out, err, stores });
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { code, stdout: out.text, stderr: err.text };
}

const document = (ran: { readonly stdout: string }) => JSON.parse(ran.stdout);

/** A project on a disk of its own. */
function disk(...addresses: string[]): { readonly folder: string; readonly db: string } {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'overwinter.config.json'), JSON.stringify({ db: 'app.db', stores: addresses }));
  return { folder, db: join(folder, 'app.db') };
}

describe('a kind of store that is only in a registry', () => {
  test('gets backups, shows them, is drilled, compared, thinned out, and a new disk starts with it', async () => {
    places.set('away', memoryPlace());
    const { folder, db } = disk('memory:away');
    for (let n = 0; n < 3; n++) {
      addRows(db, 1000 + n, 'x'.repeat(40));
      expect(await overwinter(folder, 'backup')).toMatchObject({ code: 0 });
      const pushed = await overwinter(folder, 'push', '--json');
      expect(document(pushed)).toMatchObject([{ store: 'memory:away', status: 'copied' }]);
      expect(pushed.code).toBe(0);
    }
    expect(document(await overwinter(folder, 'push', '--json'))).toMatchObject([{ status: 'there' }]);
    const { chain } = document(await overwinter(folder, 'status', '--json'));
    expect(chain.steps).toContainEqual(expect.objectContaining({ name: 'pushed', light: 'green' }));
    // The folder forgets; the place does not.
    rmSync(join(folder, 'backups'), { recursive: true });
    const listed = document(await overwinter(folder, 'list', '--store', 'memory', '--json'));
    expect(listed.backups).toHaveLength(3);
    const verified = document(await overwinter(folder, 'verify', '--all', '--store', 'memory:away', '--json'));
    expect(verified).toMatchObject({ ok: true, healed: [], backups: [{ ok: true }, { ok: true }, { ok: true }] });
    const [newest, , oldest] = listed.backups.map(({ name }: { name: string }) => name);
    const compared = await overwinter(folder, 'diff', oldest, newest, '--store', 'memory', '--json');
    expect(document(compared).tables).toMatchObject([{ added: 2003, changed: 0, removed: 0 }]);
    const flags = ['--last', '1', '--daily', '0', '--weekly', '0', '--monthly', '0', '--store', 'memory', '--json'];
    expect(document(await overwinter(folder, 'prune', '--dry-run', ...flags)).removed).toHaveLength(2);
    expect(document(await overwinter(folder, 'list', '--store', 'memory', '--json')).backups).toHaveLength(3);
    expect(document(await overwinter(folder, 'prune', ...flags)).removed).toHaveLength(2);
    expect([...(places.get('away')?.files.keys() ?? [])].filter((path) => !path.startsWith('parts/'))).toEqual([
      `${newest}.json`,
    ]);
    const started = disk('memory:away');
    const booted = document(await overwinter(started.folder, 'auto-restore', '--json'));
    expect(booted).toMatchObject({ restored: true, name: newest, rows: 3003, source: 'the memory away' });
    const restored = await overwinter(folder, 'restore', '--store', 'memory', '--to', 'copy.db', '--json');
    expect(document(restored)).toMatchObject({ name: newest, rows: 3003 });
  });

  test('that is out of reach fails the push alone, says so, and status knows', async () => {
    const dead = memoryPlace();
    dead.meddle = () => {
      throw outOfReach();
    };
    places.set('good', memoryPlace()).set('dead', dead);
    const { folder, db } = disk('memory:good', 'memory:dead');
    addRows(db, 10);
    expect(await overwinter(folder, 'backup')).toMatchObject({ code: 0 });
    const pushed = await overwinter(folder, 'push');
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toContain('the memory dead');
    expect(document(await overwinter(folder, 'push', '--json'))).toMatchObject([
      { store: 'memory:good', status: 'there' },
      { store: 'memory:dead', status: 'failed', problem: { code: 'GIT_FAILED' } },
    ]);
    expect(document(await overwinter(folder, 'push', 'memory:good', '--json'))).toHaveLength(1);
    expect((await overwinter(folder, 'status')).stdout).toContain('the memory dead');
    expect((await overwinter(disk('memory:good', 'memory:dead').folder, 'auto-restore')).code).toBe(0);
    expect((await overwinter(disk('memory:dead', 'memory:good').folder, 'auto-restore')).code).not.toBe(0);
  });

  test('and what is no address of any is said, with what there is and without what may be secret', async () => {
    const { folder, db } = disk();
    addRows(db, 1);
    const unknown = await overwinter(folder, 'list', '--store', 'memry:https://me:hunter2@example.org');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("did you mean 'memory:'?")]);
    expect(unknown.stderr).not.toContain('hunter2');
    places.set('a', memoryPlace()).set('b', memoryPlace());
    const two = disk('memory:a', 'memory:b');
    addRows(two.db, 1);
    const several = await overwinter(two.folder, 'list', '--store', 'mem');
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining("'memory:a', 'memory:b'")]);
  });
});
