/** Looking takes at most a twentieth of a processor, however large the database is and however many watch. */
const EVERY_MS = 3000;
const REST = 20;

/** Tells whoever watches when what the first page shows is something else. Nobody looks while nobody watches. */
export interface ChangeWatch {
  /** Returns what ends it. */
  watch(onChange: () => void): () => void;
  close(): void;
}

export function createChangeWatch(look: () => Promise<string>): ChangeWatch {
  const watchers = new Set<() => void>();
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const beat = async () => {
    const begun = performance.now();
    // What cannot be looked at now is looked at again.
    const found = await look().catch(() => known);
    const isNews = known !== undefined && found !== known;
    known = found;
    if (isNews) for (const tell of [...watchers]) tell();
    if (watchers.size > 0) rest(Math.max(EVERY_MS, REST * (performance.now() - begun)));
  };
  const rest = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void beat(), milliseconds).unref();
  };
  const close = () => {
    clearTimeout(timer);
    timer = undefined;
    known = undefined;
  };
  return {
    watch(onChange) {
      watchers.add(onChange);
      if (watchers.size === 1) void beat();
      return () => {
        watchers.delete(onChange);
        if (watchers.size === 0) close();
      };
    },
    close() {
      watchers.clear();
      close();
    },
  };
}
