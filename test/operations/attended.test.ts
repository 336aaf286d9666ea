import { expect, test } from 'vitest';
import { attended } from '../../src/operations/attended.ts';
import { memoryPlace, memoryStore } from '../support/memory-store.ts';

test('a copy that is told to stop asks nothing more of the place, and each answer before that is heard', async () => {
  const place = memoryPlace();
  const end = new AbortController();
  let heard = 0;
  await memoryStore(place).batch(async (batch) => {
    const watched = attended(batch, end.signal, () => heard++);
    await watched.list('top');
    await watched.put('parts/a', Buffer.from('a'));
    await watched.batch(async (inner) => inner.publish('b.json', Buffer.from('b')));
    expect((await watched.read('b.json'))?.toString()).toBe('b');
    await watched.remove(['b.json']);
    expect(heard).toBe(5);
    expect([watched.label, watched.isCostly, watched.limits]).toEqual([batch.label, true, batch.limits]);
    end.abort();
    const asked = place.asked.length;
    for (const work of [
      () => watched.list('top'),
      () => watched.read('b.json'),
      () => watched.put('parts/a', Buffer.from('a')),
      () => watched.publish('b.json', Buffer.from('b')),
      () => watched.remove(['b.json']),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect([place.asked.length, heard]).toEqual([asked, 5]);
  });
});
