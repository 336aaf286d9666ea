import { expect, test } from 'vitest';
import { githubRepository, visibilityIn } from '../../src/core/public-remote.ts';

test.each([
  ['git@github.com:ada/app.git', 'ada/app'],
  ['https://github.com/ada/app', 'ada/app'],
  ['https://github.com/ada/app.git/', 'ada/app'],
  ['https://token@github.com/ada/my.app.git', 'ada/my.app'],
  ['ssh://git@github.com:22/ada/app.git', 'ada/app'],
  ['github.com:ada/app', 'ada/app'],
  ['https://gitlab.com/ada/app', undefined],
  ['https://github.com.example.org/ada/app', undefined],
  ['/srv/git/app.git', undefined],
  [undefined, undefined],
])('%s is %s', (remote, repository) => {
  expect(githubRepository(remote)).toBe(repository);
});

test.each<[unknown, string | undefined]>([
  [{ repository: { full_name: 'Ada/App', visibility: 'public', private: false } }, 'public'],
  [{ repository: { full_name: 'ada/app', visibility: 'internal' } }, 'private'],
  [{ full_name: 'ada/app', private: false }, 'public'],
  [{ full_name: 'ada/app', private: true }, 'private'],
  [{ full_name: 'bob/fork', private: false }, undefined],
  [{ full_name: 'ada/app' }, undefined],
  [{ repository: null }, undefined],
  ['public', undefined],
  [null, undefined],
])('%j says %s', (said, visibility) => {
  expect(visibilityIn(said, 'ada/app')).toBe(visibility);
});
