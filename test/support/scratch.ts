import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { sqliteEngine } from '../../src/engines/sqlite/index.ts';
import type { Project } from '../../src/operations/project.ts';
import { folderStore } from '../../src/stores/folder.ts';

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the test ends. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'overwinter-'));
  made.push(folder);
  return folder;
}

/** A project in a folder of its own, as an entrance would put it together. */
export function projectIn(folder: string, changes: Partial<Project> = {}): Project {
  return {
    db: join(folder, 'app.db'),
    local: join(folder, '.overwinter'),
    engine: sqliteEngine({ busyTimeout: 2000 }),
    store: folderStore(join(folder, 'backups')),
    now: () => new Date(),
    environment: 'test',
    maxShrink: 0.5,
    retention: { last: 10, daily: 7, weekly: 4, monthly: 12 },
    keepSnapshots: 10,
    ignoreTables: [],
    wait: 5000,
    ...changes,
  };
}
