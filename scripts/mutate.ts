/**
 * Breaks the rooms below in every small way that Stryker knows, and counts the ways that no test of theirs notices.
 *   npm run mutate                         a sample, in most of an hour, and writes docs/mutation.md
 *   npm run mutate -- 64 other             one paragraph in 64 is the usual sample; another word draws another one; 1 takes all
 *   npm run mutate -- src/core/decide.ts   whole files; only tells
 * Stryker is not among the dependencies: it brings 140 packages and wants an older TypeScript. It is installed beside a copy.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setup } from '../test/support/build.ts';

const ROOT = resolve(import.meta.dirname, '..');
const STRYKER = '9.6.1';
const PAGE = join(ROOT, 'docs/mutation.md');
/** Rooms whose own tests call them in their own process, which is where it can be seen what a test goes through. */
const ROOMS = ['core', 'format', 'operations', 'stores', 'local', 'git'];
const FILES = ROOMS.map((room) => `src/${room}`)
  .flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map((file) => `${room}/${file}`),
  )
  .filter((file) => file.endsWith('.ts'))
  .sort();

/** Of the report that Stryker writes, what is told. */
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'CompileError' | 'RuntimeError' | 'Ignored';
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

/**
 * The paragraphs of a file, one in so many of them: a function, a table, a few lines that belong together. Which ones depends on their
 * own first line and the word, so that a sample stays the same while the code around it changes.
 */
function sampled(file: string, one: number, word: string): string[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  const starts = lines.flatMap((line, at) => (/^\S/.test(line) && (lines[at - 1] ?? '') === '' ? [at] : []));
  return starts.flatMap((start, n) => {
    const end = starts[n + 1] ?? lines.length;
    const drawn = createHash('sha256').update(`${word}\n${file}\n${lines[start]}`).digest().readUInt32BE();
    return drawn % one === 0 ? [`${file}:${start + 1}-${end}`] : [];
  });
}

async function copyProject(folder: string): Promise<string> {
  process.chdir(ROOT);
  await setup();
  const project = join(folder, 'project');
  for (const path of ['src', 'test', 'scripts', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, path), join(project, path), { recursive: true });
  // What tests start in processes of its own stays as it is: no mutant is alive there.
  for (const path of ['node_modules', 'dist', 'dist-test']) symlinkSync(join(ROOT, path), join(project, path));
  return project;
}

function install(folder: string): void {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const packages = [`@stryker-mutator/core@${STRYKER}`, `@stryker-mutator/vitest-runner@${STRYKER}`];
  const how = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...how, ...packages], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  // The runner starts the same vitest that the tests import.
  symlinkSync(join(ROOT, 'node_modules/vitest'), join(folder, 'node_modules/vitest'));
}

function run(folder: string, project: string, files: readonly string[]): Report {
  const config = {
    mutate: files,
    plugins: [join(folder, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
    testRunner: 'vitest',
    vitest: { configFile: 'vitest.rooms.ts', related: false },
    coverageAnalysis: 'perTest',
    // Sentences are for people: a test of every word would only say each twice.
    mutator: { excludedMutations: ['StringLiteral'] },
    concurrency: Math.max(1, Math.floor(cpus().length / 2)),
    // A machine that is busy with something else as well is no endless loop.
    timeoutMS: 10_000,
    inPlace: true,
    disableTypeChecks: false,
    tsconfigFile: 'none.json',
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: 'report.json' },
  };
  writeFileSync(join(project, 'stryker.conf.json'), JSON.stringify(config));
  writeFileSync(
    join(project, 'vitest.rooms.ts'),
    `export default { test: { include: ['test/{${ROOMS.join(',')}}/**/*.test.ts'], testTimeout: 60_000 } };\n`,
  );
  const stryker = join(folder, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  // Properties are tried a few times for each mutant: one that only many tries would find counts as not found.
  const env = { ...process.env, OVERWINTER_HASTY: '1' };
  const { status } = spawnSync(process.execPath, [stryker, 'run'], { cwd: project, env, stdio: ['ignore', 2, 2] });
  const report = join(project, 'report.json');
  if (status !== 0 || !existsSync(report)) throw new Error(`Stryker ended with ${status}`);
  return JSON.parse(readFileSync(report, 'utf8'));
}

interface Score {
  readonly found: number;
  readonly missed: number;
  readonly untouched: number;
}

function scoreOf(mutants: readonly Mutant[]): Score {
  const count = (...statuses: readonly Mutant['status'][]) =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  return { found: count('Killed', 'Timeout'), missed: count('Survived'), untouched: count('NoCoverage') };
}

const share = (some: number, all: number) => (all === 0 ? '–' : `${((100 * some) / all).toFixed(1)} %`);

function row(name: string, { found, missed, untouched }: Score): string {
  const cells = [
    name,
    found,
    missed,
    untouched,
    share(found, found + missed),
    share(found, found + missed + untouched),
  ];
  return `| ${cells.join(' | ')} |`;
}

function page(report: Report, what: string): string {
  const files = Object.entries(report.files).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = files
    .filter(([, { mutants }]) => mutants.length > 0)
    .map(([name, { mutants }]) => row(`\`${name.replace('src/', '')}\``, scoreOf(mutants)));
  return `# Do the tests notice?

\`npm run mutate\` breaks ${ROOMS.map((room) => `\`src/${room}\``).join(', ')} in every small way that [Stryker](https://stryker-mutator.io) ${STRYKER} knows: a comparison turned, a
condition negated, a statement or a call left out, a number or a pattern changed. After each it runs those of their tests that go
through the place, and only those: what the other tests would notice does not count here. Words are not changed.

Made on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node}, of ${what}. *Noticed* are changes that made a test fail or run for ever; *not
reached* are those in code that these tests never run, or only in processes of their own.

| file | noticed | not noticed | not reached | of what is reached | of all |
|---|---|---|---|---|---|
${rows.join('\n')}
${row('**all**', scoreOf(files.flatMap(([, { mutants }]) => mutants)))}

## Not noticed

\`\`\`text
${survivors(report).join('\n')}
\`\`\`
`;
}

/** Every change that no test noticed, with the place, for whoever wants to write a test. */
function survivors(report: Report): string[] {
  return Object.entries(report.files).flatMap(([name, { source, mutants }]) =>
    mutants
      .filter(({ status }) => status === 'Survived')
      .map(({ location: { start }, mutatorName, replacement = '' }) => {
        const line = source.split('\n')[start.line - 1]?.trim() ?? '';
        return `${name}:${start.line}:${start.column} ${mutatorName}\n  ${line}\n  → ${replacement.split('\n')[0]}`;
      }),
  );
}

const given = process.argv.slice(2);
const [one = '64', word = 'usual'] = given;
const isSample = /^\d+$/.test(one);
const folder = mkdtempSync(join(tmpdir(), 'overwinter-mutate-'));
try {
  const project = await copyProject(folder);
  install(folder);
  const what = isSample ? `one paragraph in ${one} (the sample '${word}')` : given.join(' and ');
  const report = run(folder, project, isSample ? FILES.flatMap((file) => sampled(file, Number(one), word)) : given);
  process.stdout.write(page(report, what));
  if (isSample) writeFileSync(PAGE, page(report, what));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
