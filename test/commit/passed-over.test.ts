import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Clones, copyClones, makeClones, type Person } from '../support/clones.ts';

let clones: Clones;
let a: Person;
let b: Person;

beforeAll(() => {
  clones = makeClones(['a', 'b']);
});

beforeEach(() => {
  const [first, second] = copyClones(clones);
  if (first === undefined || second === undefined) throw new Error('there are two');
  [a, b] = [first, second];
});

const pull = (who: Person) => who.tryGit(['pull', '-q', '--no-rebase', '--no-edit']);
const light = (who: Person) => {
  const { chain } = who.json('status') as { chain: { steps: { name: string; cause?: string; text: string }[] } };
  return chain.steps.find(({ name }) => name === 'saved');
};
const newestOf = (who: Person, inside = '') =>
  JSON.parse(who.read(`${inside}backups/latest_backup.json`)).name as string;

describe('a backup that another became the newest after, and that it does not go on from', () => {
  let theirs: string;

  /** Both change a row; `a` pushes, `b` merges, and b's is the newest. */
  function merged(): string {
    a.sql("UPDATE notes SET text = 'of a' WHERE id = 1");
    a.commit();
    a.git(['push', '-q']);
    theirs = newestOf(a);
    b.sql("UPDATE notes SET text = 'of b' WHERE id = 2");
    b.commit();
    const ran = pull(b);
    expect(ran.status, ran.stderr).toBe(0);
    return ran.stderr;
  }

  test('is named by the merge, and by status, with the commands that show it and bring it back', () => {
    const said = merged();
    expect(said).toContain(`does not have what ${theirs} brought`);
    const [, diff = ''] = /overwinter (diff \S+ \S+)'/.exec(said) ?? [];
    expect(b.json(...diff.split(' '))).toMatchObject({
      tables: [{ table: 'notes', changed: 1, added: 0, removed: 0 }],
    });
    expect(light(b)).toMatchObject({ cause: 'passed-over', text: expect.stringContaining(theirs) });
    expect(b.run('doctor').stdout).toContain(theirs);
    expect(b.run('restore', theirs, '--table', 'notes', '--where', 'id = 1').code).toBe(0);
    expect(b.rows().slice(0, 2)).toEqual(['of a', 'of b']);
    b.commit();
    expect(light(b)?.cause).toBeUndefined();
  });

  test('is named by the merge as the project starts what shows it', () => {
    b.write('package.json', JSON.stringify({ dependencies: { overwinter: '*' } }));
    expect(merged()).toMatch(/'npx overwinter diff \S+ \S+' shows what; 'npx overwinter restore /);
  });

  test('is named by status also where the project lies deeper in the repository', () => {
    const [first, second] = copyClones(makeClones(['a', 'b'], 'packages/app'));
    if (first === undefined || second === undefined) throw new Error('there are two');
    first.sql("UPDATE notes SET text = 'of a' WHERE id = 1");
    first.commit();
    first.git(['push', '-q']);
    second.sql("UPDATE notes SET text = 'of b' WHERE id = 2");
    second.commit();
    const ran = pull(second);
    expect(ran.status, ran.stderr).toBe(0);
    expect(light(second)).toMatchObject({
      cause: 'passed-over',
      text: expect.stringContaining(newestOf(first, 'packages/app/')),
    });
  });

  test('is missed by nobody where somebody says so', () => {
    merged();
    b.commit();
    expect(light(b)).toMatchObject({ cause: 'passed-over' });
    expect(b.run('backup').code).toBe(0);
    expect(light(b)?.cause).toBeUndefined();
  });

  test('is named by the next commit of whoever goes on from an older one, without a merge', () => {
    merged();
    b.git(['push', '-q']);
    theirs = newestOf(b);
    expect(pull(a).status).toBe(0);
    expect(light(a)).toMatchObject({ cause: 'behind' });
    a.sql("UPDATE notes SET text = 'of a, later' WHERE id = 1");
    const said = a.commit();
    expect(said).toMatch(new RegExp(`${theirs} was saved elsewhere, and ${newestOf(a)} does not go on from it`));
    expect(said).toContain(`restore ${theirs} --table notes --where`);
    expect(light(a)).toMatchObject({ cause: 'passed-over', text: expect.stringContaining(theirs) });
  });

  test('is none where it was restored, nor where only one of them saved anything', () => {
    a.sql("UPDATE notes SET text = 'of a' WHERE id = 1");
    a.commit();
    a.git(['push', '-q']);
    expect(pull(b).status).toBe(0);
    expect(b.run('restore', '--yes').code).toBe(0);
    b.sql("UPDATE notes SET text = 'of b' WHERE id = 2");
    expect(b.commit()).toMatch(/^overwinter: \d+ rows saved as \S+\n$/);
    expect(light(b)?.cause).toBeUndefined();
    expect(b.rows().slice(0, 2)).toEqual(['of a', 'of b']);
  });
});

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
