import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { isSlow } from '../support/chance.ts';
import { look, roundTrip } from '../support/round-trip.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

/**
 * Databases that other people's projects made, with other writers, for other ends: none of them is kept here. They come from Debian's
 * packages, or npm's, and what cannot be fetched is told.
 */
const DEBIAN: Readonly<Record<string, string>> = {
  'proj-data': 'PROJ: coordinate systems, with triggers and views by the dozen',
  'qgis-providers-common': 'QGIS: its own settings and SpatiaLite’s tables',
  'qgis-common': 'QGIS: a GeoPackage with R-Trees and triggers that call functions nobody has',
  'r-cran-rsqlite': 'RSQLite: sets of data of R',
  'r-bioc-genomicfeatures': 'Bioconductor: genes, transcripts and their ranges',
  'r-bioc-annotationdbi': 'Bioconductor: annotations of genes',
  'ibus-libpinyin': 'libpinyin: words and strokes',
  'ibus-table-latex': 'ibus-table: what is typed and what is meant',
  'ibus-table-wubi': 'ibus-table: a hundred thousand phrases',
  'libkf5attica-doc': 'KDE: help files of Qt’s, with compressed pages',
  'libkf5archive-doc': 'KDE: the same of another library',
};
const NPM: Readonly<Record<string, string>> = {
  '@actual-app/api': 'Actual: an empty budget',
};

const FEWEST_PROJECTS = 5;

/** The databases in what a package unpacks to. */
function databasesOf(kind: 'debian' | 'npm', name: string, into: string): string[] {
  const folder = join(into, name.replaceAll('/', '-'));
  mkdirSync(folder);
  const run = (program: string, ...args: readonly string[]) =>
    spawnSync(program, args, { cwd: folder, timeout: 300_000, encoding: 'utf8' }).status === 0;
  const fetched =
    kind === 'debian'
      ? run('apt-get', 'download', '-qq', name) && run('sh', '-c', 'dpkg-deb -x ./*.deb .')
      : run('npm', 'pack', '--silent', name) && run('sh', '-c', 'tar -xzf ./*.tgz');
  if (!fetched) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isDatabase);
}

function isDatabase(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(16);
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, 16, 0)) === 'SQLite format 3\0';
  } finally {
    closeSync(file);
  }
}

/** Rows and values of all its tables, its own and a virtual table's. */
function sizeOf(file: string): { readonly rows: number; readonly values: number } {
  return look(file, (db) => {
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage <> 0")
      .pluck()
      .all();
    let [rows, values] = [0, 0];
    for (const table of tables) {
      const counted = Number(
        db
          .prepare(`SELECT count(*) FROM "${table.replaceAll('"', '""')}"`)
          .pluck()
          .get(),
      );
      rows += counted;
      values += counted * Number(db.prepare('SELECT count(*) FROM pragma_table_xinfo(?)').pluck().get(table));
    }
    return { rows, values };
  });
}

test.runIf(isSlow)(
  'law 1: databases that other projects made come back value for value',
  { timeout: 1_800_000 },
  async () => {
    const into = lasting();
    const said: string[] = [];
    let [projects, databases, values] = [0, 0, 0];
    for (const [kind, packages] of [
      ['debian', DEBIAN],
      ['npm', NPM],
    ] as const)
      for (const [name, what] of Object.entries(packages)) {
        const found = databasesOf(kind, name, into);
        if (found.length === 0) said.push(`${name} could not be fetched`);
        else projects++;
        for (const file of found) {
          const project = projectIn(scratch(), { privacy: { byName: false } });
          copyFileSync(file, project.db);
          const size = sizeOf(project.db);
          await roundTrip(project);
          databases++;
          values += size.values;
          said.push(`${what}: ${basename(file)}, ${size.rows} rows, ${size.values} values`);
        }
      }
    console.log(`${said.join('\n')}\n${databases} databases of ${projects} packages, ${values} values, 0 differences`);
    expect(projects).toBeGreaterThanOrEqual(FEWEST_PROJECTS);
  },
);
