import { expect, test } from 'vitest';
import { canInject, runWithFault } from '../support/faults.ts';
import { nextStep, threeSteps } from '../support/three-steps.ts';

/** The calls that write, in their order, with paths from the backups folder; temporary names are one. */
function writesOf(calls: readonly string[], folder: string): string[] {
  return calls
    .filter((line) => /^(create|fsync|rename) /.test(line) && line.includes(`${folder}/backups`))
    .map((line) =>
      line
        .replace(`${folder}/backups`, '')
        .replace(/ \//, ' ')
        .replace(/\.overwinter-\S+/, 'new')
        .trim(),
    );
}

/** Where a call stands after another; throws where it is not there. */
function after(calls: readonly string[], at: number, call: string): number {
  const found = calls.indexOf(call, at + 1);
  expect(found, `${call} after call ${at} of:\n${calls.join('\n')}`).toBeGreaterThan(at);
  return found;
}

test.skipIf(!canInject)(
  'law 3: parts, their folders, the manifest and the pointer are each on the disk before what names them',
  async () => {
    const folder = await threeSteps();
    nextStep(folder);
    const { calls, code } = runWithFault(folder, ['backup'], undefined);
    expect(code).toBe(0);
    const writes = writesOf(calls, folder);
    const parts = writes.flatMap((line) => /^create (parts\/.*)$/.exec(line)?.[1] ?? []);
    expect(parts.length).toBeGreaterThan(1);
    const manifest = writes.findIndex((line) => /^rename backup_.*\.json$/.test(line));
    const pointer = after(writes, manifest, 'rename latest_backup.json');
    for (const part of parts) {
      const made = writes.indexOf(`create ${part}`);
      const flushed = after(writes, made, `fsync ${part}`);
      const named = after(writes, flushed, `fsync ${part.slice(0, part.lastIndexOf('/'))}`);
      expect(named, `${part} and its name before the manifest`).toBeLessThan(manifest);
    }
    // The file that is renamed was flushed first, and the name it got before the next step.
    const flushed = writes.lastIndexOf('fsync new', manifest);
    expect(writes.lastIndexOf('create new', manifest)).toBeLessThan(flushed);
    expect(after(writes, manifest, 'fsync')).toBeLessThan(pointer);
    expect(writes.lastIndexOf('fsync new', pointer)).toBeGreaterThan(manifest);
    after(writes, pointer, 'fsync');
  },
);
