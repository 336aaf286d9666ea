import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTENDERS } from './contenders.ts';
import { makeDatabase } from './database.ts';
import { duckdbSection } from './duckdb.ts';
import { filesCost } from './files.ts';
import { growth } from './growth.ts';
import { hookCost } from './hook.ts';
import { peakMemory } from './measure.ts';
import { build, overwinter } from './ours.ts';
import { postgresSection } from './postgres.ts';
import { megabytes, type Section, sectionOf, table } from './report.ts';
import { keep, mustHold } from './results.ts';
import { shapesSection } from './shape-speed.ts';
import { speed } from './speed.ts';

/**
 * Overwinter beside what people would use instead, on the same generated databases, in one run. Ratios are what counts: below 1 is
 * faster than the other.
 *
 *   npm run bench               everything, about half an hour; kept in bench/results.md
 *   npm run bench -- --quick    under a minute; fails if a ratio is worse than the kept one by half
 *   npm run bench -- --only 20 | 62 | 130 | 1000 | shapes | postgres | duckdb | growth | hook | files   one section; prints it and keeps nothing
 */

// What a machine adds to every start of node, certificates it trusts besides for one, is not compared.
for (const name of Object.keys(process.env)) if (name.startsWith('NODE_')) delete process.env[name];

const ROWS_PER_MEGABYTE = 9_600;
const SIZES = [
  { megabytes: 20, runs: 5 },
  { megabytes: 62, runs: 9 },
  { megabytes: 130, runs: 3 },
  { megabytes: 1000, runs: 1 },
] as const;
const QUICK = { megabytes: 20, runs: 3 } as const;
const SHAPE_RUNS = 3;
const POSTGRES_RUNS = 5;
const DUCKDB_RUNS = 5;
const COMMITS = 50;

const isQuick = process.argv.includes('--quick');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;

/** Gives each section a folder of its own, which goes when it ends. */
async function inFolder(work: (folder: string) => Section | Promise<Section>): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'overwinter-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const database = (size: number, runs: number, contenders = CONTENDERS) =>
  inFolder((folder) => {
    const db = join(folder, 'app.db');
    makeDatabase(db, size * ROWS_PER_MEGABYTE);
    const title = `${megabytes(statSync(db).size)} database, medians of ${runs} ${runs === 1 ? 'run' : 'runs'}`;
    const rows = speed(db, folder, contenders, runs);
    return sectionOf(title, contenders, rows, peaks(db, folder));
  });

function peaks(db: string, folder: string): readonly [string, number][] {
  const [saved, script] = [join(folder, 'peak'), join(folder, 'peak.json')];
  const tenLines = new URL('./ten-lines.mjs', import.meta.url).pathname;
  return [
    ['backup', peakMemory(overwinter(saved, db, 'backup', '--quiet'))],
    ['restore', peakMemory(overwinter(saved, db, 'restore', '--quiet', '--to', join(folder, 'peak.db')))],
    ['backup in ten lines', peakMemory([process.execPath, tenLines, 'save', db, script])],
  ];
}

const growthSection = () =>
  inFolder((folder) => {
    const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(0)} KB`;
    const rows = growth(folder, COMMITS).map(({ name, perCommit, before, after, clone }) => [
      name,
      kilobytes(perCommit),
      megabytes(before),
      megabytes(after),
      megabytes(clone),
    ]);
    const head = ['', 'a commit', `all ${COMMITS}, before gc`, 'after gc', 'a clone'];
    return { title: 'A repository in which one row of 20 MB changes before each commit', text: table(head, rows) };
  });

const hookSection = () =>
  inFolder((folder) => {
    const rows = hookCost(folder, 9).map(({ what, extra }) => [what, `+${extra.toFixed(0)} ms`]);
    return { title: 'What a commit takes longer, with a 20 MB database', text: table(['', 'longer'], rows) };
  });

const filesSection = () =>
  inFolder((folder) => {
    const { costs, repository } = filesCost(folder, SHAPE_RUNS);
    const rows = costs.map(({ what, seconds, ratio }) => [what, ratio?.toFixed(2) ?? 'failed', seconds.toFixed(2)]);
    const [first, all, after] = repository.map(megabytes);
    return {
      title: '10,000 files of 1 KB and three of 40 MB beside a small database',
      text: `${table(['', '÷ tar', 'seconds'], rows)}\n\nThe repository: ${first} with the first commit, ${all} with five more of one changed file each, ${after} after gc.`,
    };
  });

const SECTIONS: readonly [name: string, run: () => Promise<Section>][] = [
  ...SIZES.map(({ megabytes, runs }): [string, () => Promise<Section>] => [
    String(megabytes),
    () => database(megabytes, runs),
  ]),
  ['shapes', () => inFolder((folder) => shapesSection(folder, SHAPE_RUNS))],
  ['postgres', () => inFolder((folder) => postgresSection(folder, POSTGRES_RUNS))],
  ['duckdb', () => inFolder((folder) => duckdbSection(folder, DUCKDB_RUNS))],
  ['growth', growthSection],
  ['hook', hookSection],
  ['files', filesSection],
];

build();
if (isQuick) {
  const dump = CONTENDERS.filter(({ name }) => name === '.dump');
  const section = await database(QUICK.megabytes, QUICK.runs, dump);
  console.log(section.text);
  mustHold(section);
} else {
  const wanted = SECTIONS.filter(([name]) => only === undefined || only === name);
  const sections: Section[] = [];
  for (const [, run] of wanted) {
    const section = await run();
    console.log(`## ${section.title}\n\n${section.text}\n`);
    sections.push(section);
  }
  if (only === undefined) keep(sections);
}
