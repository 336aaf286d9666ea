import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backup } from '../../src/operations/backup.ts';
import { bootFromFolder } from '../../src/operations/boot-from-folder.ts';
import { readCatalog } from '../../src/operations/catalog.ts';
import { ageKey } from '../support/age.ts';
import { encryptionFor } from '../support/keys.ts';
import { type Changes, projectAt } from '../support/project.ts';
import { scratch } from '../support/scratch.ts';
import { addNotes } from '../support/with-files.ts';

/** What a start without its database would bring back: said before it is needed. */

function app(changes: Changes = {}) {
  const project = projectAt(scratch(), changes);
  return {
    project,
    async save(environment: string, rows = 1) {
      addNotes(project.db, rows);
      return (await backup({ ...project, environment }, { trigger: 'test' })).name;
    },
    async look(other: Changes = {}, failure?: unknown) {
      const { db: _, options: __, ...others } = other;
      const catalog = await readCatalog(project.store);
      return bootFromFolder({ ...project, ...others }, catalog, catalog.entries[0], failure);
    },
    spoil(name: string) {
      const file = join(project.store.path, `${name}.json`);
      writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20));
    },
  };
}

test('nothing, where there is no backup', async () => {
  expect(await app().look()).toEqual({ kind: 'nothing' });
});

test('this environment’s own newest, before a newer one of another', async () => {
  const { save, look } = app();
  const own = await save('test');
  expect(await look()).toMatchObject({ kind: 'restore', name: own, sameAsNewest: true });
  const other = await save('laptop');
  expect(await look()).toEqual({ kind: 'restore', name: own, environment: 'test', sameAsNewest: false });
  expect(await look({ boot: { from: 'laptop' } })).toMatchObject({ name: other, sameAsNewest: true });
  expect(await look({ environment: 'staging' })).toMatchObject({ name: other, environment: 'laptop' });
});

test('the one before, where the newest cannot be read', async () => {
  const { save, look, spoil } = app();
  const first = await save('test');
  const second = await save('test');
  spoil(second);
  expect(await look({}, new Error('it could not be opened'))).toMatchObject({ kind: 'restore', name: first });
  spoil(first);
  expect(await look({}, new Error('it could not be opened'))).toMatchObject({ kind: 'fail', shut: false });
});

test('nothing that a part is missing of', async () => {
  const { project, save, look } = app();
  const first = await save('test');
  const second = await save('test', 3000);
  const before = readdirSync(join(project.store.path, 'parts'), { recursive: true });
  expect(before.length).toBeGreaterThan(0);
  rmSync(join(project.store.path, 'parts'), { recursive: true });
  expect(await look()).toMatchObject({ name: second });
  expect(await look({}, new Error('looked at'))).toMatchObject({ kind: 'restore', name: first });
});

test('a backup that no key here opens is told as shut', async () => {
  const ada = ageKey();
  const { save, look } = app({ encryption: encryptionFor({ to: [ada], with: [ada] }) });
  await save('test');
  const shut = await look({ encryption: encryptionFor({ to: [ada] }) }, new Error('no key'));
  expect(shut).toMatchObject({ kind: 'fail', shut: true });
  expect(JSON.stringify(shut)).toContain('The newest backup cannot be restored here: ');
});
