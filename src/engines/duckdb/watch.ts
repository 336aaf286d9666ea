import { statSync } from 'node:fs';
import type { Watch } from '../engine.ts';
import { SIDE_FILES } from './copy-aside.ts';

/** Every commit makes what lies beside the file longer, and every checkpoint writes the file: nothing needs to be opened to see that. */
export function watch(path: string): Watch {
  let known: string | undefined;
  return {
    async changed() {
      const seen = ['', ...SIDE_FILES].map((end) => markOf(path + end)).join(' ');
      const isThere = !seen.startsWith('-');
      const isChanged = seen !== known && (isThere || known !== undefined);
      known = isThere || known !== undefined ? seen : undefined;
      return isChanged;
    },
    close: async () => {},
  };
}

function markOf(file: string): string {
  try {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    return stat === undefined || stat.size === 0n ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeNs}`;
  } catch {
    return '?';
  }
}
