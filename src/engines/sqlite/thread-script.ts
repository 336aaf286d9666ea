import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * The compiled program of a thread, which lies beside whoever starts it. There is none in the source, and none where an app was made
 * into one file: whoever asks then does the work alone. So it does on a machine with one core, where two would only take turns.
 */
export function threadScript(name: 'insert-worker' | 'reader-worker'): URL | undefined {
  if (availableParallelism() < 2) return undefined;
  try {
    const script = new URL(`./${name}.cjs`, import.meta.url);
    return existsSync(script) ? script : undefined;
  } catch {
    // An app made into one CommonJS file gives its pieces no address.
    return undefined;
  }
}
