import { expect, test } from 'vitest';
import { isSlow } from '../support/chance.ts';
import { type Deployment, newDeployment, publish, runApart } from '../support/deployment.ts';
import { addRows } from '../support/repository.ts';

interface Document {
  readonly status: string;
  readonly pushed?: string;
  readonly tries: number;
  readonly backup: { readonly name: string };
}

/** Every backup that any commit of a branch added: old ones may be pruned, but none may never have been there. */
function everAdded({ atRemote }: Deployment, branch: string): string[] {
  const args = ['log', '--diff-filter=A', '--format=', '--name-only', '--no-renames', branch, '--', 'backups/*.json'];
  return atRemote(...args).split('\n');
}

/** Jobs on runners of their own, each with data of its own, all at once. The remote turns away forced pushes. */
async function race(jobs: number, rounds: number, branch: string): Promise<void> {
  const deployment = newDeployment();
  publish(deployment, 'begin');
  const runners = Array.from({ length: jobs }, () => deployment.clone());
  const done: Document[] = [];
  for (let round = 0; round < rounds; round++) {
    runners.forEach((runner, job) => {
      addRows(runner.db, 5, `job ${job} round ${round}`);
    });
    const args = ['ci', '--json', '--db', 'app.db', '--branch', branch];
    const ran = await Promise.all(runners.map((runner) => runApart(runner.top, args)));
    for (const { code, stdout } of ran) {
      const document: Document & { error?: unknown } = JSON.parse(stdout);
      expect(document.error).toBeUndefined();
      expect(code).toBe(0);
      expect(document.status).toBe('pushed');
      done.push(document);
    }
  }
  const added = everAdded(deployment, branch);
  expect(done).toHaveLength(jobs * rounds);
  expect(done.filter(({ backup }) => !added.includes(`backups/${backup.name}.json`))).toEqual([]);
  const commits = deployment.atRemote('rev-list', branch).split('\n');
  expect(done.filter(({ pushed }) => !commits.includes(pushed ?? ''))).toEqual([]);
  // One line of commits: what was there is still there below what came.
  expect(deployment.atRemote('rev-list', '--min-parents=2', branch)).toBe('');
}

const TIME = isSlow ? 3_600_000 : 180_000;

test('two jobs at once, round after round, lose no backup', () => race(2, isSlow ? 30 : 3, 'main'), TIME);

test('eight jobs at once lose no backup', () => race(8, isSlow ? 30 : 1, 'main'), TIME);

test('nor do they on a branch that none of them has seen yet', () => race(4, isSlow ? 30 : 2, 'backups'), TIME);
