import { describe, expect, test } from 'vitest';
import { branchAndDefault, branchesOf } from '../../src/git/branches.ts';
import { headCommit } from '../../src/git/questions.ts';
import { repositoryIn, type TestRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

function begun(branch: string): TestRepository {
  const repository = repositoryIn(scratch());
  repository.git(['init', '-q', '-b', branch]);
  return repository;
}

async function asked(repository: TestRepository) {
  const opened = await repository.open();
  const { commit, ...found } = await branchAndDefault(opened);
  expect(commit).toBe(found.branch === undefined ? undefined : await headCommit(opened));
  return found;
}

const commit = (repository: TestRepository) => repository.git(['commit', '-q', '--allow-empty', '-m', 'one']);

test('the branch that the first commit will make is the default one', async () => {
  expect(await asked(begun('work'))).toEqual({ branch: 'work', main: 'work' });
});

test('the only branch is the default one, whatever it is called', async () => {
  const repository = begun('work');
  commit(repository);
  expect(await asked(repository)).toEqual({ branch: 'work', main: 'work' });
});

test('of several it is the configured one, then main, then master, and else none', async () => {
  const repository = begun('one');
  commit(repository);
  repository.git(['branch', 'two']);
  expect(await asked(repository)).toEqual({ branch: 'one', main: undefined });
  repository.git(['branch', 'master']);
  expect(await asked(repository)).toEqual({ branch: 'one', main: 'master' });
  repository.git(['branch', 'main']);
  expect(await asked(repository)).toEqual({ branch: 'one', main: 'main' });
  repository.git(['config', 'init.defaultBranch', 'two']);
  expect(await asked(repository)).toEqual({ branch: 'one', main: 'two' });
  repository.git(['config', 'init.defaultBranch', 'gone']);
  expect(await asked(repository)).toEqual({ branch: 'one', main: 'main' });
});

test('what the remote says comes first', async () => {
  const repository = begun('main');
  commit(repository);
  repository.git(['update-ref', 'refs/remotes/origin/trunk', 'HEAD']);
  repository.git(['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/trunk']);
  expect(await asked(repository)).toEqual({ branch: 'main', main: 'trunk' });
});

test('a commit that is checked out is no branch', async () => {
  const repository = begun('main');
  commit(repository);
  repository.git(['checkout', '-q', '--detach']);
  expect(await asked(repository)).toEqual({ branch: undefined, main: 'main' });
});

describe('the branches of remotes', () => {
  const all = async (repository: TestRepository) => branchesOf(await repository.open());

  test('are told by their names, without what only names another, and with the one that is pushed to', async () => {
    const repository = begun('work');
    expect(await all(repository)).toEqual({ current: 'work', remote: [], upstream: undefined });
    commit(repository);
    repository.git(['remote', 'add', 'origin', '/nowhere.git']);
    repository.git(['update-ref', 'refs/remotes/origin/main', 'HEAD']);
    repository.git(['update-ref', 'refs/remotes/origin/work', 'HEAD']);
    repository.git(['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main']);
    const remote = ['origin/main', 'origin/work'];
    expect(await all(repository)).toEqual({ current: 'work', remote, upstream: undefined });
    repository.git(['branch', '-q', '-u', 'origin/main']);
    expect(await all(repository)).toEqual({ current: 'work', remote, upstream: 'origin/main' });
  });

  test('a branch that follows one of this very repository is pushed nowhere', async () => {
    const repository = begun('main');
    commit(repository);
    repository.git(['checkout', '-q', '-b', 'side']);
    repository.git(['branch', '-q', '-u', 'main']);
    expect(await all(repository)).toEqual({ current: 'side', remote: [], upstream: undefined });
    repository.git(['checkout', '-q', '--detach']);
    expect(await all(repository)).toEqual({ current: undefined, remote: [], upstream: undefined });
  });
});
