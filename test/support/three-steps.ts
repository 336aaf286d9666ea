import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { backup } from '../../src/operations/backup.ts';
import { repositoryIn } from './repository.ts';
import { advance, makeSample } from './sample.ts';
import { kept, projectIn, scratch } from './scratch.ts';

/** The step of the newest backup. */
export const NEWEST = 3;

let made: string | undefined;

/** A copy of an app in a repository, with committed backups of steps 1, 2 and 3, and its database at step 3. */
export async function threeSteps(): Promise<string> {
  made ??= await make(join(kept(), 'app'));
  const folder = join(scratch(), 'app');
  cpSync(made, folder, { recursive: true });
  return folder;
}

async function make(folder: string): Promise<string> {
  const repository = repositoryIn(folder);
  repository.write('package.json', '{}\n');
  repository.write('.gitignore', 'app.db*\n.overwinter\n');
  repository.git(['init', '-q', '-b', 'main']);
  const project = projectIn(folder);
  makeSample(project.db, 0);
  for (let step = 1; step <= NEWEST; step++) {
    nextStep(folder);
    await backup(project, { trigger: 'test' });
  }
  repository.git(['add', '.']);
  repository.git(['commit', '-q', '-m', 'backups']);
  return folder;
}

/** Brings the database to the next step, which no backup has. */
export function nextStep(folder: string): void {
  const db = new Database(join(folder, 'app.db'));
  advance(db);
  db.close();
}

/** As a host that forgets does. */
export function forgetDatabase(folder: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `app.db${end}`), { force: true });
}
