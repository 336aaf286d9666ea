import { afterEach, expect, test, vi } from 'vitest';
import { liesOnVolume } from '../../src/local/volume.ts';

/* A container's own disk is gone with it. Whoever takes it for a volume says that what lies there is safe. */

const TMPFS = 0x01021994;
const DISK = 0xef53;

/** What is mounted: the device of each folder that is there, and what kind it is. */
const mounts = vi.hoisted((): Map<string, { readonly dev: number; readonly type: number }> => new Map());

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  statSync(path: string, { throwIfNoEntry = true } = {}) {
    const found = mounts.get(path);
    if (found === undefined && (throwIfNoEntry || path.includes('forbidden'))) throw new Error('it cannot be asked');
    return found;
  },
  statfsSync: (path: string) => mounts.get(path),
}));

afterEach(() => mounts.clear());

test('what lies on another disk than the root does, and neither the root itself nor memory', () => {
  mounts.set('/', { dev: 1, type: DISK });
  mounts.set('/app', { dev: 1, type: DISK });
  mounts.set('/data', { dev: 2, type: DISK });
  mounts.set('/dev/shm', { dev: 3, type: TMPFS });
  expect(['/data', '/app', '/', '/dev/shm'].map(liesOnVolume)).toEqual([true, false, false, false]);
  // What is not there yet will lie where the nearest folder does.
  expect(['/data/new/app.db', '/app/new/app.db', '/new.db', '/dev/shm/a/b'].map(liesOnVolume)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('where nobody can say, it does not', () => {
  mounts.set('/', { dev: 1, type: DISK });
  expect(liesOnVolume('/forbidden/app.db')).toBe(false);
  mounts.clear();
  expect(liesOnVolume('/app.db')).toBe(false);
});
