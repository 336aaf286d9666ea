import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeHold } from '../../src/local/hold.ts';
import {
  type Copying,
  filesOfSnapshot,
  forgetSnapshot,
  isPortable,
  listSnapshots,
  rotateSnapshots,
  type SnapshotPlace,
  takeSnapshot,
} from '../../src/local/snapshots.ts';
import { scratch } from '../support/scratch.ts';

const NOON = new Date('2026-01-01T12:00:00.000Z');

const placeAt = (time: Date = NOON): SnapshotPlace => ({
  local: join(scratch(), '.overwinter'),
  wait: 1000,
  now: () => time,
});

const copyOf = (text: string): Copying => ({
  name: 'app.db',
  kind: 'db',
  copyTo: async (path) => writeFileSync(path, text),
});

const folderCopy: Copying = {
  name: 'app',
  kind: 'backup',
  copyTo: async (path) => {
    mkdirSync(join(path, 'parts'), { recursive: true });
    writeFileSync(join(path, 'a.json'), '12345');
    writeFileSync(join(path, 'parts/b.json'), '123');
  },
};

test('one that was taken is listed, with its label, its time and its size', async () => {
  const place = placeAt();
  const taken = await takeSnapshot(place, '/app.db', copyOf('rows'), 'before a restore');
  expect(taken).toMatchObject({ label: 'before a restore', date: NOON.toISOString(), db: '/app.db', bytes: 4 });
  expect(readFileSync(taken.file, 'utf8')).toBe('rows');
  expect(listSnapshots(place.local, '/app.db')).toEqual([taken]);
  expect(listSnapshots(place.local, '/other.db')).toEqual([]);
  expect(isPortable(taken)).toBe(false);
});

test('one of a database that is no file is a folder, and as large as what is in it', async () => {
  const place = placeAt();
  const taken = await takeSnapshot(place, 'postgres', folderCopy, '');
  expect(taken.bytes).toBe(8);
  expect(isPortable(taken)).toBe(true);
  expect(listSnapshots(place.local, 'postgres')).toEqual([taken]);
});

test('the newest comes first, and is the newest whatever the clock says', async () => {
  const place = placeAt();
  const first = await takeSnapshot(place, '/app.db', copyOf('1'), '');
  const second = await takeSnapshot({ ...place, now: () => new Date(0) }, '/app.db', copyOf('2'), '');
  const third = await takeSnapshot({ ...place, now: () => new Date(NOON.getTime() + 9) }, '/app.db', copyOf('3'), '');
  expect(Date.parse(second.date)).toBe(NOON.getTime() + 1);
  expect(listSnapshots(place.local, '/app.db')).toEqual([third, second, first]);
});

test('which is the newest is told by its date, whatever its files are called', async () => {
  const place = placeAt();
  const first = await takeSnapshot(place, '/app.db', copyOf('1'), '');
  const second = await takeSnapshot(place, '/app.db', copyOf('2'), '');
  const folder = join(place.local, 'snapshots');
  for (const end of ['json', 'db']) renameSync(join(folder, `${first.id}.${end}`), join(folder, `z.${end}`));
  expect(listSnapshots(place.local, '/app.db').map(({ id }) => id)).toEqual([second.id, first.id]);
  rotateSnapshots(place.local, '/app.db', 1);
  expect(readFileSync(second.file, 'utf8')).toBe('2');
});

test('one of a database that was made for development says so, and one of any other says nothing', async () => {
  const place = placeAt();
  const madeFor = { environment: 'development', backup: 'b' };
  writeHold(place.local, { db: '/made.db', reason: 'made', time: NOON.toISOString(), madeFor });
  const made = await takeSnapshot(place, '/made.db', copyOf('1'), '');
  const other = await takeSnapshot(place, '/app.db', copyOf('2'), '');
  expect([made.madeFor, 'madeFor' in other]).toEqual([madeFor, false]);
  expect(listSnapshots(place.local, '/made.db')).toStrictEqual([made]);
  expect(listSnapshots(place.local, '/app.db')).toStrictEqual([other]);
  // Whoever puts one back knows better what it was made for.
  const told = await takeSnapshot(place, '/made.db', copyOf('3'), '', { madeFor: undefined });
  expect('madeFor' in told).toBe(false);
});

test('a database may have any name', async () => {
  const place = placeAt();
  for (const name of ['app.json', 'my app/ü.db', 'a.json.b.db', '..']) {
    const taken = await takeSnapshot(place, name, { ...copyOf(name), name }, '');
    expect(listSnapshots(place.local, name)).toEqual([taken]);
    expect(readFileSync(taken.file, 'utf8')).toBe(name);
    expect(taken.id).toMatch(/^[\w.-]+$/);
  }
  const [spaced] = listSnapshots(place.local, 'my app/ü.db');
  expect(spaced?.id).toContain('my_app__.db');
});

test('where nobody can say which there are, that is said', () => {
  const place = placeAt();
  symlinkSync(scratch(), place.local);
  expect(() => listSnapshots(place.local, '/app.db')).toThrow(expect.objectContaining({ code: 'NOT_OURS' }));
});

test('two databases of the same name at the same moment keep apart', async () => {
  const place = placeAt();
  const one = await takeSnapshot(place, '/a/app.db', copyOf('one'), '');
  const two = await takeSnapshot(place, '/b/app.db', copyOf('two'), '');
  const three = await takeSnapshot(place, '/c/app.db', copyOf('three'), '');
  expect([one, two, three].map(({ file }) => readFileSync(file, 'utf8'))).toEqual(['one', 'two', 'three']);
  expect([two.id, three.id]).toEqual([`${one.id}-2`, `${one.id}-3`]);
  expect(listSnapshots(place.local, '/b/app.db')).toEqual([two]);
});

test('of a database all but the newest few go, and never the last one', async () => {
  const place = placeAt();
  const other = await takeSnapshot(place, '/other.db', copyOf('x'), '');
  const taken = [];
  for (const text of ['1', '2', '3', '4']) taken.unshift(await takeSnapshot(place, '/app.db', copyOf(text), ''));
  mkdirSync(filesOfSnapshot(taken[3]?.file ?? ''));
  rotateSnapshots(place.local, '/app.db', 2);
  expect(listSnapshots(place.local, '/app.db')).toEqual(taken.slice(0, 2));
  rotateSnapshots(place.local, '/app.db', 0);
  expect(listSnapshots(place.local, '/app.db')).toEqual(taken.slice(0, 1));
  expect(listSnapshots(place.local, '/other.db')).toEqual([other]);
  expect(readdirSync(join(place.local, 'snapshots'))).toHaveLength(4);
});

test('a copy that fails is no snapshot, and the next one removes what it left', async () => {
  const place = placeAt();
  const failing: Copying = {
    ...copyOf('half'),
    copyTo: async (path) => {
      writeFileSync(path, 'ha');
      mkdirSync(filesOfSnapshot(path));
      throw new Error('no more room');
    },
  };
  await expect(takeSnapshot(place, '/app.db', failing, '')).rejects.toThrow('no more room');
  expect(listSnapshots(place.local, '/app.db')).toEqual([]);
  const whole = await takeSnapshot(place, '/app.db', copyOf('whole'), '');
  expect(listSnapshots(place.local, '/app.db')).toEqual([whole]);
  expect(readdirSync(join(place.local, 'snapshots')).sort()).toEqual([`${whole.id}.db`, `${whole.id}.json`]);
});

test('all that a process that died leaves of one goes, and nothing that only looks alike', async () => {
  const place = placeAt();
  const { id } = await takeSnapshot(place, '/app.db', copyOf('1'), '');
  const folder = join(place.local, 'snapshots');
  const died = '20260101110000000-app.db';
  const left = ['json-123', 'db', 'db-journal', 'db-wal', 'backup', 'files'].map((end) => `${died}.${end}`);
  const others = [
    `mine-${died}.db`,
    `${died}.db.mine`,
    `${died}.json-mine`,
    `${died}.db-1`,
    '2026-app.db',
    `${id}.db-wal`,
  ];
  for (const name of left)
    if (/backup|files/.test(name)) mkdirSync(join(folder, name, 'deep'), { recursive: true });
    else writeFileSync(join(folder, name), '');
  for (const name of others) writeFileSync(join(folder, name), '');
  const next = await takeSnapshot(place, '/app.db', copyOf('2'), '');
  const ours = [id, next.id].flatMap((each) => [`${each}.db`, `${each}.json`]);
  expect(readdirSync(folder).sort()).toEqual([...ours, ...others].sort());
});

test('what somebody put there is not removed with what is left over', async () => {
  const place = placeAt();
  await takeSnapshot(place, '/app.db', copyOf('1'), '');
  const mine = join(place.local, 'snapshots', 'my own.db');
  writeFileSync(mine, 'kept');
  await takeSnapshot(place, '/app.db', copyOf('2'), '');
  expect(readFileSync(mine, 'utf8')).toBe('kept');
});

test('one whose copy is gone, or a link, or whose description is damaged, is none', async () => {
  const place = placeAt();
  const local = place.local;
  const [gone, linked, damaged, half, whole] = [
    await takeSnapshot(place, '/app.db', copyOf('1'), ''),
    await takeSnapshot(place, '/app.db', copyOf('2'), ''),
    await takeSnapshot(place, '/app.db', copyOf('3'), ''),
    await takeSnapshot(place, '/app.db', copyOf('4'), ''),
    await takeSnapshot(place, '/app.db', copyOf('5'), ''),
  ];
  rmSync(gone.file);
  rmSync(linked.file);
  symlinkSync(whole.file, linked.file);
  writeFileSync(join(local, 'snapshots', `${damaged.id}.json`), '{');
  for (const part of ['id', 'label', 'date', 'db', 'bytes']) {
    writeFileSync(join(local, 'snapshots', `${half.id}.json`), JSON.stringify({ ...half, [part]: undefined }));
    expect(listSnapshots(local, '/app.db'), part).toEqual([whole]);
  }
});

test('one that is forgotten is gone with all that belongs to it, and no other is', async () => {
  const place = placeAt();
  const kept = await takeSnapshot(place, '/app.db', copyOf('1'), '');
  const taken = await takeSnapshot(place, '/app.db', folderCopy, '');
  mkdirSync(filesOfSnapshot(taken.file));
  forgetSnapshot(place.local, taken.id);
  expect(existsSync(taken.file)).toBe(false);
  expect(readdirSync(join(place.local, 'snapshots')).sort()).toEqual([`${kept.id}.db`, `${kept.id}.json`]);
});

test('those of what was made push none of the data out', async () => {
  const place = placeAt();
  const made = { madeFor: { environment: 'development', backup: 'backup_a' } };
  const real = await takeSnapshot(place, '/app.db', copyOf('real'), '', { madeFor: undefined });
  const fakes = [];
  for (const text of ['1', '2', '3', '4']) fakes.push(await takeSnapshot(place, '/app.db', copyOf(text), '', made));
  rotateSnapshots(place.local, '/app.db', 2);
  expect(listSnapshots(place.local, '/app.db').map(({ id }) => id)).toEqual(
    [...fakes.slice(2).reverse(), real].map(({ id }) => id),
  );
});
