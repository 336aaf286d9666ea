import type { Listed, Objects } from '../../src/stores/objects/objects.ts';
import { cut } from '../../src/stores/store.ts';
import type { Chance } from './chance.ts';

const MINUTE = 60_000;

/** Whoever works on a place: it may be told to die at one of its requests. */
export interface Actor {
  readonly objects: Objects;
  /** What came of it; undefined where it died. */
  run<T>(work: () => Promise<T>): Promise<{ readonly is: T } | { readonly failed: unknown } | undefined>;
  /** It sleeps while the others go on. */
  sleep(milliseconds: number): Promise<void>;
}

interface Waiting {
  readonly actor: symbol;
  readonly go: () => void;
}

/** A place for objects where requests of several come in any order, and answers are lost, late and repeated, as chance has it. */
export interface ShakenPlace {
  readonly files: Map<string, { readonly bytes: Buffer; readonly written: number }>;
  now: number;
  /** What happened, in its order. */
  readonly story: string[];
  actor(name: string): Actor;
  /** Lets those that run take turns until all have ended. */
  together(works: readonly Promise<unknown>[]): Promise<void>;
  /** Time goes by while nobody is at work. What was late has come by then, but for what is sent within the hour. */
  pass(milliseconds: number): void;
}

export function shakenPlace(
  { below }: Chance,
  knowsConditions: boolean,
  /** Called after whatever changed. */
  check: (files: ShakenPlace['files']) => void,
): ShakenPlace {
  const files: ShakenPlace['files'] = new Map();
  const waiting: Waiting[] = [];
  const late: { readonly until: number; readonly happen: () => void }[] = [];
  const active = new Set<symbol>();
  const state: ShakenPlace = { files, now: Date.parse('2026-12-01T00:00:00Z'), story: [], actor, together, pass };

  function pass(milliseconds: number): void {
    state.now += milliseconds;
    for (const each of late.splice(0)) {
      if (each.until <= state.now) each.happen();
      else late.push(each);
    }
  }

  async function together(works: readonly Promise<unknown>[]): Promise<void> {
    let ended = false;
    const all = Promise.all(works).finally(() => {
      ended = true;
    });
    while (!ended) {
      await new Promise((resolve) => setImmediate(resolve));
      const ready = [...active].map((actor) => waiting.findIndex((each) => each.actor === actor));
      // Only where nobody is thinking: so the order is chance's alone.
      if (ready.length === 0 || ready.includes(-1)) continue;
      pass(below(1000));
      if (late.length > 0 && below(4) === 0) late.splice(below(late.length), 1)[0]?.happen();
      const [next] = waiting.splice(ready[below(ready.length)] ?? 0, 1);
      next?.go();
    }
    await all;
  }

  function actor(name: string): Actor {
    const id = Symbol(name);
    const diesAt = below(3) === 0 ? below(40) : Number.POSITIVE_INFINITY;
    let requests = 0;
    let die = () => {};
    const death = new Promise<undefined>((resolve) => {
      die = () => resolve(undefined);
    });
    const turn = () => new Promise<void>((resolve) => waiting.push({ actor: id, go: resolve }));

    /** One request that changes something. */
    async function change(
      what: string,
      effect: () => boolean,
    ): Promise<{ readonly is: boolean; readonly once: boolean }> {
      await turn();
      const happen = () => {
        const is = effect();
        state.story.push(`${name}: ${what}`);
        check(files);
        return is;
      };
      if (++requests > diesAt) {
        if (below(2) === 0) happen();
        return end();
      }
      const fault = below(10);
      if (fault > 2) return { is: happen(), once: true };
      // It is done and nobody hears of it, done later, or not at all: so it is asked again.
      if (fault === 0) happen();
      if (fault === 1) late.push({ until: state.now + 50 * MINUTE, happen: () => void happen() });
      await turn();
      return { is: happen(), once: false };
    }

    function end(): Promise<never> {
      state.story.push(`${name} dies`);
      die();
      return new Promise(() => {});
    }

    async function look<T>(answer: () => T): Promise<T> {
      await turn();
      if (++requests > diesAt) return end();
      return answer();
    }

    const write = (path: string, bytes: Uint8Array) =>
      void files.set(path, { bytes: Buffer.from(bytes), written: state.now });
    const objects: Objects = {
      async list(folder, depth) {
        const found = () =>
          new Map(
            [...files]
              .filter(
                ([path]) => path.startsWith(folder) && (depth === 'all' || !path.slice(folder.length).includes('/')),
              )
              .map(([path, { bytes, written }]) => [path, { bytes: bytes.length, written }]),
          );
        const inside = (path: string) => path.slice(0, path.indexOf('/', folder.length) + 1);
        const first = await look(found);
        const folders = depth === 'all' ? [] : [...files.keys()].filter((path) => path.startsWith(folder)).map(inside);
        const listed = (all: typeof first): Listed => ({
          now: state.now,
          objects: all,
          folders: [...new Set(folders)].filter((path) => path.length > folder.length),
        });
        if (first.size < 2 || below(2) === 0) return listed(first);
        // A listing has pages, and things happen between them.
        const middle = [...first.keys()].sort()[below(first.size)] ?? '';
        const second = await look(found);
        const before = [...first].filter(([path]) => path < middle);
        return listed(new Map([...before, ...[...second].filter(([path]) => path >= middle)]));
      },
      read: (path, range) => look(() => files.get(path)?.bytes).then((bytes) => bytes && cut(bytes, range)),
      async create(path, bytes) {
        const { is } = await change(`creates ${path}`, () => {
          if (knowsConditions && files.has(path)) return false;
          write(path, bytes);
          return true;
        });
        return is;
      },
      async replace(path, bytes) {
        await change(`replaces ${path}`, () => {
          write(path, bytes);
          return true;
        });
      },
      async remove(paths) {
        const { once } = await change(`removes ${paths.join(' ')}`, () => {
          for (const path of paths) files.delete(path);
          return true;
        });
        return once;
      },
    };
    return {
      objects,
      async run(work) {
        active.add(id);
        try {
          const outcome = await Promise.race([
            work().then(
              (is) => ({ is }),
              (failed: unknown) => ({ failed }),
            ),
            death,
          ]);
          return outcome;
        } finally {
          active.delete(id);
          for (const each of waiting.filter((one) => one.actor === id)) waiting.splice(waiting.indexOf(each), 1);
        }
      },
      async sleep(milliseconds) {
        state.now += milliseconds;
        await look(() => undefined);
      },
    };
  }
  return state;
}
