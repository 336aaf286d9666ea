import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { writeHold } from '../../src/local/hold.ts';
import { writeNote } from '../../src/local/notes.ts';
import { writeLocal } from '../../src/local/place.ts';
import { notePlacing } from '../../src/local/placing.ts';
import { writeReadingNotes } from '../../src/local/reading-notes.ts';
import { remember, toRemember } from '../../src/local/unchanged.ts';
import { makeSample } from '../support/sample.ts';
import { projectIn, scratch } from '../support/scratch.ts';

/* A hook waits for nothing that may be lost in a power cut, and nobody goes on before what may not be is on the disk. */

const written = vi.hoisted((): { flush: boolean }[] => []);

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeFileSync: typeof fs.writeFileSync = (path, text, how) => {
    fs.writeFileSync(path, text, how);
    if (typeof how === 'object' && how !== null && how.mode === 0o600) written.push({ flush: how.flush === true });
  };
  return { ...fs, writeFileSync };
});

beforeEach(() => void written.splice(0));

test('what may be lost is not waited for', () => {
  const folder = scratch();
  const project = projectIn(folder);
  makeSample(project.db, 1);
  const { local } = project;
  writeNote(local, 'kind', 'it', {});
  writeReadingNotes(local, 'k', { of: 'd', runs: 1, notes: Buffer.alloc(0) });
  remember(
    { argv: ['backup', '--dir', join(folder, 'backups')], cwd: folder, env: {} },
    [toRemember(project)],
    () => [],
    {
      stdout: '',
      stderr: '',
    },
  );
  expect(written).toEqual([{ flush: false }, { flush: false }, { flush: false }]);
});

test('what must not be is', () => {
  const local = join(scratch(), '.overwinter');
  writeHold(local, { db: 'db', reason: 'why', time: 'now' });
  notePlacing(local, 'db', { staging: {}, files: [] });
  writeLocal(local, 'a.json', '{}');
  expect(written).toEqual([{ flush: true }, { flush: true }, { flush: true }]);
  rmSync(local, { recursive: true });
});
