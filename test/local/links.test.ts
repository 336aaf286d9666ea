import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustNotLeadAway, mustStayIn } from '../../src/local/links.ts';
import { newRepository } from '../support/repository.ts';
import { scratch } from '../support/scratch.ts';

const NOT_OURS = expect.objectContaining({ code: 'NOT_OURS' });

test('a link that git tracks is not followed to where backups are written, and one that somebody made here is', () => {
  const { top, git } = newRepository({ hooks: false });
  const volume = scratch();
  symlinkSync(volume, join(top, 'data'));
  const file = join(top, 'data/deep/app.db');
  expect(() => mustNotLeadAway(top, file)).not.toThrow();
  git(['add', 'data']);
  expect(() => mustNotLeadAway(top, file)).toThrow(NOT_OURS);
  expect(() => mustNotLeadAway(top, file)).toThrow(join(top, 'data'));
  expect(() => mustNotLeadAway(top, join(top, 'data'))).toThrow(NOT_OURS);
  // A folder is none, whatever git tracks of it.
  mkdirSync(join(top, 'real'));
  writeFileSync(join(top, 'real/file'), '');
  git(['add', 'real']);
  expect(() => mustNotLeadAway(top, join(top, 'real/app.db'))).not.toThrow();
  // What is not in the project was named by somebody.
  expect(() => mustNotLeadAway(join(top, 'elsewhere'), file)).not.toThrow();
  expect(() => mustNotLeadAway(top, join(top, 'others/app.db'))).not.toThrow();
});

test('a file that a project is known by stays in it, whoever made the link', () => {
  const top = scratch();
  const outside = scratch();
  for (const folder of ['real', '.git/hooks']) mkdirSync(join(top, folder), { recursive: true });
  writeFileSync(join(top, 'real/package.json'), '{}');
  symlinkSync(join(top, 'real'), join(top, 'inside'));
  symlinkSync(outside, join(top, 'outside'));
  symlinkSync(join(top, '.git/hooks'), join(top, 'hooks'));
  for (const fine of ['package.json', 'real/package.json', 'inside/package.json', 'new/deep/file'])
    expect(() => mustStayIn(top, join(top, fine)), fine).not.toThrow();
  // Of several links the first on the way is named: that is the one to look at.
  symlinkSync(scratch(), join(outside, 'deeper'));
  expect(() => mustStayIn(top, join(top, 'outside/deeper/package.json'))).toThrow(`${join(top, 'outside')} is a link`);
  for (const wrong of ['outside/package.json', 'outside', 'hooks/pre-commit'])
    expect(() => mustStayIn(top, join(top, wrong)), wrong).toThrow(NOT_OURS);
});
