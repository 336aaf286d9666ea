import { copyStopped } from '../core/problems/stores.ts';
import type { Batch } from '../stores/store.ts';

/** A batch of which somebody hears whenever it goes on, and which goes no further once that is told to stop. */
export function attended(batch: Batch, signal: AbortSignal, heard: () => void): Batch {
  const each =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (signal.aborted) throw copyStopped(batch.label)();
      const answer = await work(...args);
      heard();
      return answer;
    };
  const { only } = batch;
  const self: Batch = {
    label: batch.label,
    id: batch.id,
    limits: batch.limits,
    ...(batch.isCostly ? { isCostly: true } : {}),
    ...(only === undefined ? {} : { only: (environment) => only(environment) }),
    list: each((shelf) => batch.list(shelf)),
    read: each((path, range) => batch.read(path, range)),
    put: each((path, bytes) => batch.put(path, bytes)),
    publish: each((path, bytes) => batch.publish(path, bytes)),
    remove: each((paths) => batch.remove(paths)),
    batch: (work) => work(self),
  };
  return self;
}
