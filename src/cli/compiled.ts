import { mkdirSync, statSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';

/**
 * From 22.1 on Node can keep what it made of the files it reads, which is a fifth of the time of a small command. What is kept is run
 * later, so it lies beside the program and is its owner's alone: who can write there could write the program. Where the program is
 * somebody else's nothing is kept, or they could not delete it, nor where nothing can be written.
 */
export function keepCompiled(folder: string): void {
  const enable: unknown = Reflect.get(module, 'enableCompileCache');
  if (typeof enable !== 'function') return;
  try {
    const me = process.getuid?.();
    if (me !== undefined && statSync(dirname(folder)).uid !== me) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    enable.call(module, folder);
  } catch {
    // It is only slower without.
  }
}
