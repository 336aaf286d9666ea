import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chance, tries } from '../support/chance.ts';
import { type Clones, copyClones, makeClones, type Person } from '../support/clones.ts';

const STEPS = 14;
const ROUNDS = tries(1, 15);
const ROWS = 5;

const random = chance();

/** What somebody saved in a row, and the backups in which it stands. */
interface Saved {
  readonly row: number;
  readonly value: string;
  readonly in: Set<string>;
  /** Somebody who had it wrote something else there, or chose to go without it. */
  isReplaced: boolean;
}

test.each(['', 'packages/app'])(
  'three people merge at random, in "%s": whatever is not in the newest any more was named, and comes back',
  (inside) => {
    const clones = makeClones(['a', 'b', 'c'], inside);
    for (let round = 0; round < ROUNDS; round++) mergeAtRandom(clones);
  },
  900_000,
);

function mergeAtRandom(clones: Clones): void {
  const { inside } = clones;
  const people = copyClones(clones);
  const saved: Saved[] = [];
  const told: string[] = [];
  const steps: string[] = [];
  const newestOf = (who: Person): string => JSON.parse(who.read(join(inside, 'backups/latest_backup.json'))).name;
  const has = (who: Person, { row, value }: Saved) => who.rows()[row - 1] === value;

  const hear = (said: string) => {
    told.push(said);
    return said;
  };
  const save = (who: Person) => {
    hear(who.commit());
    const name = newestOf(who);
    for (const each of saved) if (has(who, each)) each.in.add(name);
  };
  const change = (who: Person, at: number) => {
    const [row, value] = [1 + random.below(ROWS), `${at} of ${people.indexOf(who)}`];
    for (const each of saved) if (each.row === row && has(who, each)) each.isReplaced = true;
    who.sql(`UPDATE notes SET text = '${value}' WHERE id = ${row}`);
    saved.push({ row, value, in: new Set(), isReplaced: false });
    save(who);
  };
  const pull = (who: Person) => {
    const how = random.pick([['--no-rebase', '--no-edit'], ['--rebase']]);
    const ran = who.tryGit(['pull', '-q', ...how]);
    hear(ran.stderr);
    expect(ran.status, `${steps.join('\n')}\n${ran.stderr}`).toBe(0);
  };
  const push = (who: Person) => {
    if (who.tryGit(['push', '-q']).status === 0) return;
    pull(who);
    who.git(['push', '-q']);
  };
  for (let at = 0; at < STEPS; at++) {
    const who = random.pick(people);
    const what = random.pick(['change', 'change', 'pull', 'push', 'restore'] as const);
    steps.push(`${'abc'[people.indexOf(who)]} ${what}`);
    if (what === 'change') change(who, at);
    else if (what === 'pull') pull(who);
    else if (what === 'push') push(who);
    else expect(who.run('restore', '--yes').code).toBe(0);
  }
  for (const who of [...people, ...people]) push(who);
  const [first] = people;
  if (first === undefined) throw new Error('there are three');
  first.run('restore', '--yes');
  const gone = saved.filter((each) => !each.isReplaced && !has(first, each));
  for (const each of gone) {
    const at = `seed ${random.seed}\n${steps.join('\n')}\n${each.value} in row ${each.row}, of ${[...each.in].join(', ')}`;
    const named = [...each.in].find((name) =>
      told.some((said) => said.includes(name) && said.includes(`restore ${name} --table`)),
    );
    expect(named, `${at}\n${told.join('')}`).toBeDefined();
    expect(first.run('restore', named ?? '', '--table', 'notes', '--where', `id = ${each.row}`, '--yes').code, at).toBe(
      0,
    );
    expect(has(first, each), at).toBe(true);
  }
}
