import { expect, test } from 'vitest';
import { verify } from '../../src/operations/verify.ts';
import { forged } from '../support/forged.ts';

test('a backup that restores and, read again, says something else fails its drill', async () => {
  // Every hash in it is right, and so is every row; only, no database gives them in these words.
  const project = await forged((draft) => {
    draft.data.set('users', { rows: ['{"id":1,"name":"\\u0041da"}', '{"id":2,"name":"Bob"}'] });
  });
  const [drilled] = await verify(project, { name: 'forged' });
  expect(drilled).toMatchObject({ ok: false, problem: expect.stringMatching(/read again, it says something else/) });
});

test('the same backup in the words that a database gives passes', async () => {
  const project = await forged(() => {});
  expect(await verify(project, { name: 'forged' })).toMatchObject([{ ok: true }]);
});
