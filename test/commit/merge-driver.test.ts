import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { newerPointer } from '../../src/commit/merge-driver.ts';
import { writePointer } from '../../src/format/pointer.ts';
import { newRepository, type TestRepository } from '../support/repository.ts';

const pointer = (name: string, date: string) =>
  writePointer({ name, digest: `sha256:${name}`, backup_date: `2026-11-${date}T00:00:00.000Z`, rows: 1 });

const DRIVER = fileURLToPath(new URL('../../dist-test/src/commit/merge-driver.js', import.meta.url));

/** Two branches whose pointers say `ours` and `theirs`, and the driver as `init` would set it up. */
function withPointers(base: string, ours: string, theirs: string): TestRepository {
  const repository = newRepository({ hooks: false });
  const script = join(repository.top, '.git/driver.mjs');
  repository.write(
    '.git/driver.mjs',
    `import { mergePointers } from '${DRIVER}';
const [, , base, ours, theirs] = process.argv;
await mergePointers({ base, ours, theirs });
`,
  );
  repository.git(['config', 'merge.overwinter.driver', `'${process.execPath}' '${script}' %O %A %B`]);
  repository.write('.gitattributes', 'latest_backup.json merge=overwinter\n');
  const commit = (text: string) => {
    repository.write('backups/latest_backup.json', text);
    repository.git(['add', '.']);
    repository.git(['commit', '-qm', 'point']);
  };
  if (base !== '') commit(base);
  else repository.git(['add', '.gitattributes']);
  repository.git(['commit', '-qm', 'attributes', '--allow-empty']);
  repository.git(['switch', '-qc', 'side']);
  commit(theirs);
  repository.git(['switch', '-q', 'main']);
  commit(ours);
  return repository;
}

describe('merging pointers with git', () => {
  const older = pointer('older', '01');
  const newer = pointer('newer', '03');
  for (const [what, base, ours, theirs] of [
    ['ours is newer', pointer('base', '00'), newer, older],
    ['theirs is newer', pointer('base', '00'), older, newer],
    ['there is no base', '', older, newer],
    ['ours is broken', pointer('base', '00'), '<<<<<<< HEAD\n', newer],
    ['theirs is broken', pointer('base', '00'), newer, '{"name":'],
  ] as const) {
    test(`merge: ${what}`, () => {
      const repository = withPointers(base, ours, theirs);
      repository.git(['merge', '-q', '-m', 'merge', 'side']);
      expect(repository.read('backups/latest_backup.json')).toBe(newer);
      expect(repository.status()).toBe('');
    });
  }

  test('rebase', () => {
    const repository = withPointers(pointer('base', '00'), newer, older);
    repository.git(['switch', '-q', 'side']);
    repository.git(['rebase', '-q', 'main']);
    expect(repository.read('backups/latest_backup.json')).toBe(newer);
    expect(repository.status()).toBe('');
  });
});

describe('deciding between pointers', () => {
  test('both sides come to the same answer, at the same time too', () => {
    const [a, b] = [pointer('a', '02'), pointer('b', '02')];
    expect(newerPointer([a, b, '']).text).toBe(b);
    expect(newerPointer([b, a, '']).text).toBe(b);
  });

  test('where no side can be read the base stays, and without one there is no conflict either', () => {
    const base = pointer('base', '01');
    expect(newerPointer(['<<<<<<<', '>>>>>>>', base]).text).toBe(base);
    expect(newerPointer(['<<<<<<<', '>>>>>>>', '=======']).text).toBe('{}\n');
  });
});
