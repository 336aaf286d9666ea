import { join } from 'node:path';
import { sqliteEngine } from '../../src/engines/sqlite/index.ts';
import type { Project } from '../../src/operations/project.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';

/** A project in a folder of its own, as an entrance would put it together. */
export function projectAt(folder: string, changes: Partial<Project> = {}): Project {
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
