import Database from 'better-sqlite3';
import { isPartFile, manifestFile } from '../../src/core/names.ts';
import { readAnyManifest } from '../../src/format/any-manifest.ts';
import { storedFiles } from '../../src/format/sealed.ts';
import { backup } from '../../src/operations/backup.ts';
import type { LocalFolder } from '../../src/stores/store.ts';
import { lasting, projectIn } from './scratch.ts';

/** The backups of one database that says again what it said before, so that parts come back which no backup needed meanwhile. */
export interface Line {
  /** A folder as it was after so many backups. */
  after(count: number): LocalFolder;
  /** Their names, oldest first. */
  readonly names: readonly string[];
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

const STATES = [0, 1, 0, 2, 1, 0, 2, 2, 1, 0];

export async function line(): Promise<Line> {
  let time = Date.parse('2026-11-20T10:00:00Z');
  const project = projectIn(lasting(), {
    environment: 'production',
    now() {
      time += 60_000;
      return new Date(time);
    },
  });
  const db = new Database(project.db);
  db.exec('CREATE TABLE words(id INTEGER PRIMARY KEY, word TEXT); CREATE TABLE turns(id INTEGER PRIMARY KEY)');
  const add = db.prepare('INSERT INTO words(word) VALUES (?)');
  db.transaction(() => {
    for (let n = 0; n < 1500; n++) add.run('x'.repeat(90));
  })();
  const names: string[] = [];
  for (const state of STATES) {
    db.prepare('UPDATE words SET word = ? WHERE id <= 300').run(`${state}`.repeat(90));
    db.prepare('INSERT INTO turns DEFAULT VALUES').run();
    names.push((await backup(project, { trigger: 'keep' })).name);
  }
  db.close();
  const { store } = project;
  const files = new Map<string, Buffer>();
  for (const shelf of ['top', 'parts'] as const)
    for (const path of (await store.list(shelf)).keys()) files.set(path, (await store.read(path)) ?? Buffer.alloc(0));
  const parts = new Map<string, readonly string[]>();
  for (const name of names) {
    const { manifest } = readAnyManifest(name, String(files.get(manifestFile(name))));
    parts.set(
      manifestFile(name),
      storedFiles(manifest).map(({ file }) => file),
    );
  }
  const after = (count: number): LocalFolder => {
    const there = [...files].filter(
      ([path]) => isPartFile(path) || names.slice(0, count).some((name) => path === manifestFile(name)),
    );
    const has = new Map(there);
    return {
      ...store,
      list: async (shelf) =>
        new Map(
          there.flatMap(([path, bytes]) =>
            path.startsWith('parts/') === (shelf === 'parts') ? [[path, bytes.length]] : [],
          ),
        ),
      read: async (path) => has.get(path),
    };
  };
  return { after, names, parts };
}
