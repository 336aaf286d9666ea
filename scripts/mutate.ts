/**
 * Breaks rooms of the code in small ways and counts the ways that no test notices.
 *   npm run mutate -- 60 other              60 of each of four rooms, drawn by a word, and writes docs/mutation.md; cut off, it goes on where it was
 *   npm run mutate -- 40 other operations   of this room; only tells, as all the following
 *   npm run mutate -- src/core/decide.ts    everything in whole files
 *   npm run mutate -- missed                what the run before did not notice, again, for whoever has written a test
 *   npm run mutate -- missed test/git/place.test.ts   ... with these tests alone
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { breakAll, measure } from './mutants/drive.ts';
import { journal } from './mutants/journal.ts';
import { roomOf } from './mutants/mutation.ts';
import { page } from './mutants/page.ts';
import { ONLY_WORDS } from './mutants/rules.ts';
import { chosen, digest, isForPage, wishOf } from './mutants/sample.ts';
import { judge, table, told } from './mutants/score.ts';
import { breakable, stryker } from './mutants/stryker.ts';
import { leave, workplace } from './mutants/workplace.ts';

/** Rooms whose own tests call them in their own process, which is where something can be broken for one test. */
const ROOMS = ['operations', 'stores', 'local', 'git', 'core', 'format'];
/** Those of which the page tells; the others are broken where they are named. */
const USUAL = ['operations', 'stores', 'local', 'git'];
/** Whose tests are run, if they call the code themselves: those of the rooms, of what calls the rooms, and the laws. */
const TESTED = [...ROOMS, 'app', 'commit', 'project', 'pull', 'laws'];
const CALLS = /from '(\.\.\/)+src\//;
/** Laws that kill processes, fill a disk or go on for long: what they notice, they notice too late for this. */
const HEAVY =
  /^test\/laws\/.*(kill|huge|thread|growth|fuzz|faults|live-|whole|together|only-changes|hostile-databases)/;

const root = resolve(import.meta.dirname, '..');
process.chdir(root);
const kept = join(root, 'node_modules/.cache/mutants');
const last = join(kept, 'missed.json');

function filesIn(folder: string, end: string): string[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(end));
  return found.map((file) => `${folder}/${file}`).sort();
}

const wish = wishOf(process.argv.slice(2), ROOMS, USUAL);
const tools = await stryker(join(kept, 'stryker'));
const files = ROOMS.flatMap((room) => filesIn(`src/${room}`, '.ts')).filter((file) => !ONLY_WORDS.test(file));
const sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));
const all = await breakable(tools, sources);
const before: string[] = existsSync(last) ? JSON.parse(readFileSync(last, 'utf8')) : [];
const wanted = new Set(chosen(all.mutations, wish, before).map(({ key }) => key));
const { mutations, files: broken } = await breakable(tools, sources, wanted);

const calling = TESTED.flatMap((room) => filesIn(`test/${room}`, '.test.ts')).filter(
  (file) => !HEAVY.test(file) && CALLS.test(readFileSync(file, 'utf8')),
);
const tests = wish.tests.length > 0 ? wish.tests : calling;
const texts = [...filesIn('src', '.ts'), ...filesIn('test', '.ts')].map((file) => readFileSync(file, 'utf8'));
const folder = join(tmpdir(), `overwinter-mutants-${digest(root, ...texts, ...wanted, ...tests).slice(0, 12)}`);
const work = await workplace(folder, root, broken);
const waysIn = (rooms: readonly string[]) => all.mutations.filter(({ file }) => rooms.includes(roomOf(file))).length;
const judged = () => judge(mutations, journal(folder));
const tell = () => console.log(`${table(judged(), ({ file }) => roomOf(file))}\n`);

console.log(`${mutations.length} of ${all.mutations.length} ways to break the code, written down in ${folder}`);
const unloaded = await measure(work, tests);
if (unloaded.length > 0) console.log(`Nothing was run of ${unloaded.join(', ')}`);
// All rooms at once: to load a file of tests takes longer than to run them.
await breakAll(work, mutations, new Set(mutations.keys()), tell);
const missed = judged().filter(({ is }) => is === 'missed');
console.log(missed.map(told).join('\n'));
tell();
mkdirSync(dirname(last), { recursive: true });
writeFileSync(last, JSON.stringify(missed.map(({ key }) => key)));
if (isForPage(wish, USUAL)) writeFileSync('docs/mutation.md', page(judged(), { ...wish, ways: waysIn(wish.rooms) }));
leave(
  work,
  judged().every(({ is }) => is !== 'not done'),
);
