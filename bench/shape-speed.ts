import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { CONTENDERS } from './contenders.ts';
import { type Command, median, time } from './measure.ts';
import { overwinter } from './ours.ts';
import { megabytes, type Section, table } from './report.ts';
import { SHAPES, type Shape } from './shapes.ts';

interface Measured {
  readonly name: string;
  readonly bytes: number;
  /** Our time beyond that of starting node ÷ that of `.dump`, or of reading a dump. */
  readonly backup: number;
  readonly changed: number;
  readonly restore: number;
}

const [dump] = CONTENDERS;

/** What starting node takes is the same for everything, and no shape's doing. */
const NODE: Command = { argv: [process.execPath, '-e', '0'] };

function measured(shape: Shape, folder: string, runs: number): Measured {
  if (dump === undefined) throw new Error('there is nothing to compare with');
  const db = join(folder, 'app.db');
  shape.make(db);
  const fresh = () => mkdtempSync(join(folder, 'ours-'));
  const kept = fresh();
  const restored = join(folder, 'restored.db');
  const full: Command = {
    get argv() {
      return overwinter(fresh(), db, 'backup', '--quiet');
    },
  };
  const again: Command = { argv: overwinter(kept, db, 'backup', '--quiet'), before: () => changeOne(db, shape) };
  const restore: Command = {
    argv: overwinter(kept, db, 'restore', '--quiet', '--to', restored),
    before: () => rmSync(restored, { force: true }),
  };
  const [save, load] = [dump.save(db, folder), dump.restore(folder, `${restored}.theirs`)];
  // Twice: only then is it known what there was.
  time(again);
  time(again);
  const turns = Array.from({ length: runs }, () => {
    const node = time(NODE);
    const saved = time(save);
    return {
      backup: (time(full) - node) / saved,
      changed: (time(again) - node) / saved,
      restore: (time(restore) - node) / time(load),
    };
  });
  const of = (what: 'backup' | 'changed' | 'restore') => median(turns.map((turn) => turn[what]));
  return {
    name: shape.name,
    bytes: statSync(db).size,
    backup: of('backup'),
    changed: of('changed'),
    restore: of('restore'),
  };
}

let turn = 0;

function changeOne(file: string, { change }: Shape): void {
  const db = new Database(file);
  db.prepare(change).run(`changed ${turn++}`);
  db.close();
}

export function shapesSection(folder: string, runs: number): Section {
  const all = SHAPES.map((shape, at) => {
    console.error(`${shape.name} …`);
    const own = join(folder, String(at));
    mkdirSync(own);
    const found = measured(shape, own, runs);
    rmSync(own, { recursive: true, force: true });
    return found;
  });
  const head = ['', 'size', 'full backup ÷ .dump', 'one row changed ÷ .dump', 'restore ÷ reading a dump'];
  const rows = all.map(({ name, bytes, backup, changed, restore }) => [
    name,
    megabytes(bytes),
    ...[backup, changed, restore].map((ratio) => ratio.toFixed(2)),
  ]);
  const middle = (of: (each: Measured) => number) => median(all.map(of)).toFixed(2);
  rows.push([
    'median',
    '',
    middle(({ backup }) => backup),
    middle(({ changed }) => changed),
    middle(({ restore }) => restore),
  ]);
  return {
    title: `Databases of other shapes, time beyond the start of node, medians of ${runs} runs`,
    text: table(head, rows),
  };
}
