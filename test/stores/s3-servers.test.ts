import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { autoRestore } from '../../src/operations/auto-restore.ts';
import { backup } from '../../src/operations/backup.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { prune } from '../../src/operations/prune.ts';
import { verify } from '../../src/operations/verify.ts';
import type { Remote, WritableStore } from '../../src/stores/store.ts';
import { storeContract } from '../contracts/store.ts';
import { isSlow } from '../support/chance.ts';
import { inBucket, storeIn } from '../support/in-bucket.ts';
import { addRows } from '../support/repository.ts';
import { isInstalled, type S3Server, SERVERS, type ServerName, startServer } from '../support/s3-servers.ts';
import { lasting, projectIn, scratch } from '../support/scratch.ts';

const NAMES: readonly ServerName[] = ['radosgw', 'swift'];

for (const name of NAMES) {
  const isThere = isInstalled(name);
  if (isSlow && !isThere) console.log(`Not tried without ${name}. On Debian: ${SERVERS[name].install}`);
  describe.skipIf(!isSlow || !isThere)(`a bucket of ${name}`, () => {
    let server: S3Server;
    let places = 0;
    beforeAll(async () => {
      server = await startServer(name, join(lasting(), name));
    }, 120_000);
    afterAll(() => server.stop());

    const newPlace = () => ({ ahead: 0, address: server.address.replace('/app?', `/app${++places}?`) });
    const storeAt = (place: { address: string; ahead: number }): WritableStore => storeIn(place, { env: server.env });

    storeContract(name, () => {
      const place = newPlace();
      return { store: storeAt(place), again: () => storeAt(place) };
    });

    test('gets backups, is thinned out, drilled, and a new machine starts with it', async () => {
      const place = newPlace();
      const remote: Remote = inBucket(place, { env: server.env });
      const project = projectIn(scratch(), { environment: 'production' });
      addRows(project.db, 3000, 'x'.repeat(80));
      for (let n = 0; n < 3; n++) {
        addRows(project.db, 1, `row ${n}`);
        await backup(project, { trigger: 'test' });
        expect(await bringNewest(project, remote)).toMatchObject({ status: 'copied' });
      }
      expect(await bringNewest(project, remote)).toMatchObject({ status: 'there' });
      const there = { ...project, store: storeAt(place) };
      expect(await verify(there, 'all')).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
      const thinned = await prune(there, { last: 1, daily: 0, weekly: 0, monthly: 0 }, false);
      expect(thinned).toMatchObject({ partsRemoved: 0, partsLater: expect.any(Number) });
      expect([thinned.removed.length, thinned.partsLater > 0]).toEqual([2, true]);
      const started = projectIn(scratch(), { environment: 'production', remotes: [remote] });
      expect(await autoRestore(started)).toMatchObject({ restored: true, rows: 3003 });
    });

    test('what it refuses is told apart', async () => {
      const place = newPlace();
      const wrong = { ...server.env, AWS_SECRET_ACCESS_KEY: 'wrong' };
      await expect(storeIn(place, { env: wrong }).list('top')).rejects.toThrow(/AWS_SECRET_ACCESS_KEY|may not/);
      const other = { ...server.env, AWS_ACCESS_KEY_ID: 'nobody:here' };
      await expect(storeIn(place, { env: other }).list('top')).rejects.toThrow(
        /does not know the key|not the secret|may not/,
      );
      const nowhere = { ...place, address: place.address.replace('backups-of-app', 'another-one') };
      await expect(storeIn(nowhere, { env: server.env }).list('top')).rejects.toThrow(/no bucket|may not/);
    });
  });
}
