import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { backupOfPack, packed, packFile, unpack } from '../../src/stores/objects/pack.ts';

const PARTS = new Map([
  ['parts/a', Buffer.from('one\n')],
  ['parts/b', Buffer.alloc(0)],
  ['parts/c', Buffer.from([0, 10, 255])],
]);

test('what was packed comes back to the byte, and its name says whose it is and when it is whole', async () => {
  const pack = await packed(PARTS);
  expect(await unpack('x', pack)).toEqual(PARTS);
  expect(backupOfPack(packFile('backup~1', pack))).toEqual({ name: 'backup~1', bytes: pack.length });
  for (const other of ['backup.json', 'backup~.pack', '~5.pack', 'backup~5.pack.txt', 'backup~x.pack'])
    expect(backupOfPack(other)).toBeUndefined();
});

test.each([
  ['what is not compressed', Buffer.from('[]\n')],
  ['half of one', gzipSync('[]\n'.repeat(50)).subarray(0, 20)],
  ['one without an index', gzipSync('')],
  ['an index without an end', gzipSync('[]x')],
  ['an index that is no list', gzipSync('7\n')],
  ['an entry that is none', gzipSync('[7]\nabc')],
  ['an entry without a path', gzipSync('[[1,1]]\nabc')],
  ['an entry without a length', gzipSync('[["parts/a","1"]]\nabc')],
  ['a length that leads back', gzipSync('[["parts/a",-1]]\nabc')],
])('%s is damaged', async (_, bytes) => {
  await expect(unpack('x.pack', bytes)).rejects.toMatchObject({
    code: 'BACKUP_DAMAGED',
    message: expect.stringContaining('x.pack'),
  });
});
