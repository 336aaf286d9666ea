import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { heal } from '../../src/commit/heal.ts';
import { storedFiles } from '../../src/format/sealed.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup, readCatalog } from '../../src/operations/catalog.ts';
import { isSlow } from '../support/chance.ts';
import { addRows, newRepository, repositoryIn, restoredRows, type TestRepository } from '../support/repository.ts';
import { projectIn, scratch } from '../support/scratch.ts';

type Step = 'backup' | 'two backups' | 'prune' | 'prune and backup' | 'nothing';

let seconds = 0;

/** Commits a backup as the hook does, without starting it: there are many combinations. */
async function save(repository: TestRepository, leavePointer: boolean): Promise<void> {
  addRows(repository.db, 1);
  // Each branch is another laptop: neither has what the other wrote.
  const project = projectIn(repository.root, { now: () => new Date(Date.UTC(2026, 10, 1) + 1000 * seconds++) });
  await backup(project, { trigger: 'pre-commit', leavePointer });
  repository.git(['add', '-f', 'backups']);
  repository.git(['commit', '-qm', 'save']);
}

/** What retention does on the default branch: the oldest manifest goes, and the parts that none needs any more. */
async function prune(repository: TestRepository): Promise<void> {
  const { store } = projectIn(repository.root);
  const { entries } = await readCatalog(store);
  const needed = new Set<string>();
  for (const { name } of entries.slice(0, 1)) {
    for (const { file } of storedFiles((await openBackup(store, name)).manifest)) needed.add(file);
  }
  const gone = entries.slice(1).map(({ name }) => `${name}.json`);
  const parts = [...(await store.list('parts')).keys()].filter((file) => !needed.has(file));
  await store.batch((batch) => batch.remove([...gone, ...parts]));
  repository.git(['add', '-A', '-f', 'backups']);
  repository.git(['commit', '-qm', 'prune']);
}

async function go(repository: TestRepository, step: Step, leavePointer: boolean): Promise<void> {
  if (step === 'nothing') return;
  if (step.startsWith('prune')) await prune(repository);
  if (step.endsWith('backup') || step === 'two backups') await save(repository, leavePointer);
  if (step === 'two backups') await save(repository, leavePointer);
}

const onMain: Step[] = ['backup', 'two backups', 'prune', 'prune and backup', 'nothing'];
const onSide: Step[] = ['backup', 'two backups'];

// A third branch multiplies the combinations; the usual run has the one that goes wrong most easily.
const others: Step[] = isSlow ? [...onSide, 'nothing'] : ['backup'];

describe('branches that both made backups merge', () => {
  for (const main of onMain) {
    for (const side of onSide) {
      for (const other of others) {
        test(`main: ${main}, a side branch: ${side}, another: ${other}`, async () => {
          const repository = newRepository({ hooks: false });
          addRows(repository.db, 2500, 'z'.repeat(60));
          await save(repository, false);
          await save(repository, false);
          repository.git(['switch', '-qc', 'side']);
          await go(repository, side, true);
          repository.git(['switch', '-qc', 'other', 'main']);
          await go(repository, other, true);
          repository.git(['switch', '-q', 'main']);
          await go(repository, main, false);
          for (const branch of ['side', 'other']) {
            const tree = repository.git(['merge-tree', '--write-tree', 'main', branch]).trim();
            expect(tree).toMatch(/^[0-9a-f]{40}$/);
            repository.git(['merge', '-q', '--no-edit', branch]);
            expect(repository.git(['rev-parse', 'HEAD^{tree}']).trim()).toBe(tree);
          }
          // A fresh clone of the merge, as another laptop or a host has it.
          const top = join(scratch(), 'clone');
          repository.git(['clone', '-q', repository.top, top]);
          const clone = repositoryIn(top);
          const { store } = projectIn(top);
          const { entries } = await readCatalog(store);
          const [newest] = entries;
          await heal(await clone.open(), store, { among: 'all' });
          for (const { name, metadata } of entries) expect(await restoredRows(top, name)).toBe(metadata.rows);
          expect(await restoredRows(top)).toBe(newest?.metadata.rows);
        });
      }
    }
  }
});

describe('healing', () => {
  async function saved(): Promise<{ repository: TestRepository; part: string }> {
    const repository = newRepository({ hooks: false });
    addRows(repository.db, 2500, 'z'.repeat(60));
    await save(repository, false);
    const [part] = (await projectIn(repository.root).store.list('parts')).keys();
    return { repository, part: part ?? '' };
  }

  test('a missing part, a cut one and a flipped byte', async () => {
    const { repository, part } = await saved();
    const { store } = projectIn(repository.root);
    const git = await repository.open();
    const whole = repository.read(`backups/${part}`);
    expect(await heal(git, store, { among: 'newest' })).toEqual({ healed: [], lost: [] });
    rmSync(join(repository.top, 'backups', part));
    expect(await heal(git, store, { among: 'newest' })).toEqual({ healed: [part], lost: [] });
    repository.write(`backups/${part}`, whole.slice(0, 100));
    expect(await heal(git, store, { among: 'newest' })).toEqual({ healed: [part], lost: [] });
    repository.write(`backups/${part}`, whole.replace('z', 'y'));
    expect(await heal(git, store, { among: 'newest' })).toEqual({ healed: [], lost: [] });
    expect(await heal(git, store, { among: 'all', deep: true })).toEqual({ healed: [part], lost: [] });
    expect(repository.read(`backups/${part}`)).toBe(whole);
    expect(repository.status()).toBe('');
  });

  test('what git never had is named as lost', async () => {
    const repository = newRepository({ hooks: false });
    addRows(repository.db, 2500, 'z'.repeat(60));
    const project = projectIn(repository.root);
    await backup(project, { trigger: 'test' });
    const [part] = (await project.store.list('parts')).keys();
    await project.store.batch((batch) => batch.remove([part ?? '']));
    expect(await heal(await repository.open(), project.store, { among: 'all' })).toEqual({ healed: [], lost: [part] });
  });
});
