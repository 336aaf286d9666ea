import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Engines } from '../../src/engines/index.ts';
import { engineContract, type Tables } from '../contracts/engine.ts';
import { overwinterHere } from '../support/here.ts';
import { scratch } from '../support/scratch.ts';
import { type Jar, jarInFile, jarOf, textOf } from './jar.ts';

// Its name in the registry: all that an engine needs outside of its own folder.
vi.mock('../../src/engines/index.ts', async (original) => {
  const module = await original<{ engines: Engines }>();
  const { jar } = await import('./jar.ts');
  return { ...module, engines: { ...module.engines, duckdb: jar } };
});

function put(path: string, tables: Tables): void {
  const there = jarIn(path);
  const added = Object.entries(tables).map(
    ([name, { columns, rows }]) => [name, { columns, rows: [...(there.get(name)?.rows ?? []), ...rows] }] as const,
  );
  writeFileSync(path, textOf(new Map([...there, ...added])));
}

function jarIn(path: string): Jar {
  try {
    return jarOf(readFileSync(path, 'utf8'));
  } catch {
    return new Map();
  }
}

engineContract('a jar', () => {
  const folder = scratch();
  const pathOf = new Map<string, string>();
  const open = (name: string) => {
    const path = join(folder, name);
    const database = jarInFile(path);
    pathOf.set(database.id, path);
    return database;
  };
  const database = open('app.jar');
  let others = 0;
  return {
    database,
    again: () => open('app.jar'),
    another: () => open(`other-${others++}.jar`),
    write: (tables, into = database) => put(pathOf.get(into.id) ?? '', tables),
    rowsOf: (table) => JSON.parse(JSON.stringify(jarIn(join(folder, 'app.jar')).get(table)?.rows ?? [])),
    spoil: () => writeFileSync(join(folder, 'app.jar'), 'broken glass'),
  };
});

const overwinter = (cwd: string, ...argv: readonly string[]) => overwinterHere({ cwd, argv });

const FRUIT: Tables = {
  fruit: { columns: ['id', 'name'], rows: Array.from({ length: 2000 }, (_, id) => ({ id, name: `plum ${id}` })) },
};
const PEAR: Tables = { fruit: { columns: ['id', 'name'], rows: [{ id: 9999, name: 'pear' }] } };

/** A project whose configuration names a jar. */
function cellar(): { readonly folder: string; readonly file: string } {
  const folder = scratch();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ overwinter: { db: 'duckdb:app.jar', wait: 200 } }));
  return { folder, file: join(folder, 'app.jar') };
}

test('a jar is backed up, compared, drilled and booted from by the command line', async () => {
  const { folder, file } = cellar();
  put(file, FRUIT);
  const run = async (...argv: readonly string[]) => {
    const ran = await overwinter(folder, ...argv);
    expect(ran.code, ran.err).toBe(0);
    return ran.out;
  };
  const saved = JSON.parse(await run('backup', '--json'));
  expect(saved).toMatchObject({ status: 'created', tables: 1, rows: 2000 });
  expect(JSON.parse(await run('backup', '--json')).status).toBe('unchanged');
  const manifest = JSON.parse(readFileSync(join(folder, 'backups', `${saved.name}.json`), 'utf8'));
  expect(manifest).toMatchObject({ metadata: { database_type: 'jar' }, settings: { glass: 'brown' } });
  put(file, PEAR);
  expect(JSON.parse(await run('diff', '--json')).tables).toMatchObject([{ table: 'fruit', added: 1, removed: 0 }]);
  expect(await run('verify', '--json')).toContain('"ok": true');
  expect(JSON.parse(await run('status', '--json')).database).toMatchObject({ tables: 1, rows: 2001 });
  rmSync(file);
  const booted = await overwinter(folder, 'auto-restore', '--json');
  expect(booted.code, booted.err).toBe(0);
  expect(jarIn(file)).toEqual(new Map(Object.entries(FRUIT)));
});

test('what a restore replaces in a jar can be brought back, although a jar is no file of ours to copy', async () => {
  const { folder, file } = cellar();
  put(file, FRUIT);
  await overwinter(folder, 'backup');
  put(file, PEAR);
  const restored = await overwinter(folder, 'restore', 'latest', '--yes');
  expect(restored.code, restored.err).toBe(0);
  expect(jarIn(file).get('fruit')?.rows).toHaveLength(2000);
  expect((await overwinter(folder, 'snapshots')).out).toContain('before restoring');
  const undone = await overwinter(folder, 'undo', '--yes');
  expect(undone.code, undone.err).toBe(0);
  expect(jarIn(file).get('fruit')?.rows).toHaveLength(2001);
  expect((await overwinter(folder, 'undo', '--yes')).code).toBe(0);
  expect(jarIn(file).get('fruit')?.rows).toHaveLength(2000);
});

test('old backups of a jar go', async () => {
  const { folder, file } = cellar();
  for (const id of [1, 2, 3, 4]) {
    put(file, { fruit: { columns: ['id', 'name'], rows: [{ id, name: 'x'.repeat(6000) }] } });
    expect((await overwinter(folder, 'backup')).code).toBe(0);
  }
  const pruned = await overwinter(folder, 'prune', '--last', '1', '--json');
  expect(pruned.code, pruned.err).toBe(0);
  expect(JSON.parse(pruned.out).kept).toHaveLength(1);
  expect((await overwinter(folder, 'verify', '--all')).code).toBe(0);
});

test('a backup of a jar goes into no SQLite database, and says so', async () => {
  const { folder, file } = cellar();
  put(file, FRUIT);
  await overwinter(folder, 'backup', 'jam');
  const refused = await overwinter(folder, 'restore', 'jam', '--db', 'app.db', '--yes');
  expect(refused.code).not.toBe(0);
  expect(refused.err).toContain('is a backup of a Jar database, and this one is SQLite');
});

test('a restore waits for whoever has the lock of the jar itself', async () => {
  const { folder, file } = cellar();
  put(file, FRUIT);
  await overwinter(folder, 'backup');
  const held = await jarInFile(file).lock?.(0, () => overwinter(folder, 'restore', 'latest', '--yes', '--json'));
  expect(held?.code).toBe(11);
  expect(jarIn(file)).toEqual(new Map(Object.entries(FRUIT)));
});
