import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { blobId, sha256 } from '../../src/core/digest.ts';
import { OverwinterError } from '../../src/core/errors.ts';
import type { Manifest, Metadata, SchemaObject, Settings, TableData } from '../../src/core/manifest.ts';
import { partFile } from '../../src/core/names.ts';
import { contentDigest, writeManifest } from '../../src/core/write-manifest.ts';
import { backup } from '../../src/operations/backup.ts';
import { openBackup } from '../../src/operations/catalog.ts';
import { unseal } from '../../src/operations/unseal.ts';
import type { TestProject as Project } from './project.ts';
import { projectIn, scratch } from './scratch.ts';

/** A manifest that may still be changed. */
export interface Draft {
  metadata: { -readonly [K in keyof Metadata]: Metadata[K] };
  schema: SchemaObject[];
  settings: { -readonly [K in keyof Settings]: Settings[K] };
  data: Map<string, TableData>;
}

const NOTES = 2000;

/** A whole backup as a draft: a small table in the manifest, and one in parts, which are in the project's folder. */
async function honestDraft(project: Project): Promise<Draft> {
  const db = new Database(project.db);
  db.exec(`
    CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
    INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob');
    CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${NOTES})
      INSERT INTO orders SELECT i, printf('note %d %.80c', i, 'x') FROM n`);
  db.close();
  const { name } = await backup(project, { trigger: 'test' });
  const { manifest } = await unseal(undefined, project.store, await openBackup(project.store, name));
  for (const file of [`${name}.json`, 'latest_backup.json']) rmSync(join(project.store.path, file));
  rmSync(project.db);
  return {
    metadata: { ...manifest.metadata },
    schema: [...manifest.schema],
    settings: { ...manifest.settings },
    data: new Map(manifest.data),
  };
}

/** Writes a part under the name that its bytes have, so that nothing about it is damaged. */
export async function addPart(backups: string, table: string, text: string | Buffer, rows: number) {
  const bytes = Buffer.from(text);
  const part = { file: partFile(table, await blobId(bytes), '00f31c9e'), rows, bytes: bytes.length };
  put(join(backups, part.file), bytes);
  return part;
}

export function put(file: string, bytes: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

/** The text of a manifest whose digests are right: what somebody who means harm would send. */
export function sealed(draft: Draft): string {
  const manifest: Manifest = { ...draft, metadata: { ...draft.metadata, content: contentDigest(draft) } };
  return writeManifest(manifest).text;
}

/** A project with a live database and one backup, `forged`, as `change` left it. */
export async function forged(change: (draft: Draft, backups: string) => unknown): Promise<Project> {
  const project = projectIn(scratch());
  const backups = project.store.path;
  const draft = await honestDraft(project);
  await change(draft, backups);
  put(join(backups, 'forged.json'), sealed(draft));
  put(join(backups, 'latest_backup.json'), '{}\n');
  const db = new Database(project.db);
  // With the tables that the backup has: it is the same database, a migration later.
  db.exec(`CREATE TABLE live(id INTEGER PRIMARY KEY, word TEXT); INSERT INTO live VALUES (1, 'alive');
    CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE orders(id INTEGER PRIMARY KEY, note TEXT)`);
  db.close();
  return project;
}

/** Every file of a project with the digest of what is in it, but for locks, and for what this machine notes of what was tried. */
export function everything(project: Project): Map<string, string> {
  const root = dirname(project.db);
  const passing = /\/\.overwinter\/(locks\/|\.gitignore|(drills|attempt|lineage)-)/;
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ entry, path }) => entry.isFile() && !passing.test(path));
  return new Map(files.map(({ path }) => [relative(root, path), sha256(textOf(path))]));
}

const textOf = (path: string) =>
  statSync(path).size > 2 ** 20 ? `${statSync(path).size} bytes` : readFileSync(path, 'latin1');

/** What this process holds open: files, not what Node itself comes and goes with. */
export const openFiles = (folder: string) =>
  readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).startsWith(folder)).length;

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}

/** Runs `work`, which must be refused with one of the codes in no more than `seconds`, and leave everything as it was. */
export async function refusedWith(
  codes: readonly string[],
  project: Project,
  work: () => Promise<unknown>,
  seconds = 5,
): Promise<OverwinterError> {
  const before = everything(project);
  const begun = performance.now();
  const error = await work().then(
    (result) => expect.unreachable(`it was not refused: ${JSON.stringify(result)}`),
    (reason: unknown) => reason,
  );
  const took = (performance.now() - begun) / 1000;
  if (!(error instanceof OverwinterError)) throw error;
  expect(codes, error.message).toContain(error.code);
  expect(error.hint).not.toBe('');
  expect(took, `seconds until ${error.message}`).toBeLessThan(seconds);
  expect(everything(project)).toEqual(before);
  expect(openFiles(dirname(project.db)), 'open files').toBe(0);
  return error;
}
