import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chance } from './chance.ts';

const linesOf = (bytes: Buffer) => bytes.toString('latin1').split('\n');
const write = (file: string, lines: readonly string[]) => writeFileSync(file, Buffer.from(lines.join('\n'), 'latin1'));

/** What accidents do to a file. Each changes it, or does nothing to one that has nothing to change. */
const ACCIDENTS: Record<string, (file: string, random: Chance, others: readonly string[]) => void> = {
  flip(file, random) {
    const bytes = readFileSync(file);
    if (bytes.length === 0) return;
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    writeFileSync(file, bytes);
  },
  digit(file, random) {
    // Dates and counts are what decisions are made by.
    const bytes = readFileSync(file);
    const digits = [...bytes.keys()].slice(0, 700).filter((i) => (bytes[i] ?? 0) >= 48 && (bytes[i] ?? 0) <= 57);
    if (digits.length === 0) return;
    bytes[random.pick(digits)] = 48 + random.below(10);
    writeFileSync(file, bytes);
  },
  truncate(file, random) {
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, random.below(bytes.length + 1)));
  },
  remove: (file) => rmSync(file),
  empty: (file) => writeFileSync(file, ''),
  append(file, random) {
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from(random.pick(['x', '{}\n', '\0', '\n']))]));
  },
  swap(file, random, others) {
    const other = random.pick(others);
    if (other === file) return;
    renameSync(file, `${file}.x`);
    renameSync(other, file);
    renameSync(`${file}.x`, other);
  },
  conflict(file, random) {
    const lines = linesOf(readFileSync(file));
    const at = random.below(lines.length);
    const theirs = lines[at] ?? '';
    lines.splice(at, 1, '<<<<<<< HEAD', theirs, '=======', theirs, '>>>>>>> main');
    write(file, lines);
  },
  duplicate(file, random) {
    const lines = linesOf(readFileSync(file));
    const at = random.below(lines.length);
    lines.splice(at, 0, lines[at] ?? '');
    write(file, lines);
  },
  drop(file, random) {
    const lines = linesOf(readFileSync(file));
    lines.splice(random.below(lines.length), 1);
    write(file, lines);
  },
};

/** Does one accident to one file of a backups folder; says which. Manifests and parts are equally likely to be hit. */
export function damage(backups: string, random: Chance): string {
  const all = readdirSync(backups, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const parts = all.filter((file) => file.endsWith('.jsonl'));
  const others = all.filter((file) => file.endsWith('.json'));
  const file = random.pick(random.below(3) === 0 && parts.length > 0 ? parts : others);
  const kind = random.pick(Object.keys(ACCIDENTS));
  ACCIDENTS[kind]?.(file, random, random.below(2) === 0 ? others : all);
  return `${kind} ${file.slice(backups.length + 1)}`;
}
