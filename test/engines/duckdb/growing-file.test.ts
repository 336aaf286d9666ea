import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { growingFile } from '../../../src/engines/duckdb/growing-file.ts';
import { scratch } from '../../support/scratch.ts';

const STEP = 5;

/** Everything that is read of a file while that is written. */
async function readWhile(write: (file: string) => Promise<void>): Promise<string> {
  const file = join(scratch(), 'growing');
  const pieces: Buffer[] = [];
  for await (const piece of growingFile(file, write(file))) pieces.push(piece);
  rmSync(file, { force: true });
  return Buffer.concat(pieces).toString();
}

test('a file is read while it grows, to the last byte that was written before its writer was done', async () => {
  const parts = Array.from({ length: 20 }, (_, at) => `${at}${'.'.repeat(at * 5000)}\n`);
  const write = async (file: string) => {
    await sleep(STEP);
    for (const part of parts) {
      appendFileSync(file, part);
      if (part.length % 3 === 0) await sleep(STEP);
    }
  };
  expect(await readWhile(write)).toBe(parts.join(''));
});

test('one that is larger than a piece comes whole, and one that is empty ends', async () => {
  const large = 'x'.repeat(5_000_001);
  expect(await readWhile(async (file) => appendFileSync(file, large))).toBe(large);
  expect(await readWhile(async (file) => appendFileSync(file, ''))).toBe('');
});

test('what its writer throws is thrown, and that it was never made', async () => {
  const failing = async (file: string) => {
    appendFileSync(file, 'begun');
    await sleep(STEP);
    throw new Error('the disk is full');
  };
  await expect(readWhile(failing)).rejects.toThrow('the disk is full');
  await expect(readWhile(async () => {})).rejects.toThrow('ENOENT');
});

test('whoever stops reading waits for nobody', async () => {
  const file = join(scratch(), 'growing');
  appendFileSync(file, 'some');
  const forever = new Promise<void>(() => {});
  for await (const piece of growingFile(file, forever)) {
    expect(piece.toString()).toBe('some');
    break;
  }
});
