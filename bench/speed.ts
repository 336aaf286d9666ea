import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './contenders.ts';
import { append, changeOneRow, changeScattered } from './database.ts';
import { type Command, type Race, race, time } from './measure.ts';
import { overwinter } from './ours.ts';

export interface Measured extends Race {
  readonly what: string;
}

/** What takes time on a database, beside what the others take for the same; they save all of it whatever has changed. */
export function speed(db: string, folder: string, contenders: readonly Contender[], runs: number): Measured[] {
  let turn = 0;
  /** Every run begins on ground where nothing was deleted just now: file systems pay for that later. */
  const fresh = () => {
    const dir = join(folder, `ours-${turn++}`);
    mkdirSync(dir);
    return dir;
  };
  const kept = fresh();
  const restored = join(folder, 'restored.db');
  const saves = contenders.map((each) => each.save(db, folder));
  const restores = contenders.map((each) => each.restore(folder, `${restored}.theirs`));
  const ours = (...args: string[]): Command => ({ argv: overwinter(kept, db, ...args) });
  const after = (change: (file: string, turn: number) => void): Command => ({
    ...ours('backup', '--quiet'),
    before: () => change(db, ++turn),
  });
  const full: Command = {
    get argv() {
      return overwinter(fresh(), db, 'backup', '--quiet');
    },
  };
  const restore: Command = {
    ...ours('restore', '--quiet', '--to', restored),
    before: () => rmSync(restored, { force: true }),
  };
  const measured = (what: string, command: Command, others: readonly Command[]) => {
    console.error(`${what} …`);
    return { what, ...race(command, others, runs) };
  };
  // A single turn has none before it; and what is read first is known only once it was read again.
  time(ours('backup', '--quiet'));
  time(after(changeOneRow));
  return [
    measured('full backup', full, saves),
    measured('unchanged', ours('backup', '--quiet'), saves),
    measured('one row changed', after(changeOneRow), saves),
    measured('1% changed, scattered', after(changeScattered), saves),
    measured('1% appended', after(append), saves),
    measured('restore', restore, restores),
    measured('verify (a drill: restores and compares)', ours('verify', '--quiet'), []),
    measured('diff with the newest backup', ours('diff', '--quiet'), []),
  ];
}
