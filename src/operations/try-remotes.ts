import { hintOf, reasonOf } from '../core/errors.ts';
import { storeSilent } from '../core/problems/stores.ts';
import { isReadable, type Remote, type Shortcoming } from '../stores/store.ts';
import type { Project } from './project.ts';
import { within } from './within.ts';

const PATIENCE_MS = 30_000;

/** What is amiss with the other places that are to have every backup, found by trying them all at once. */
export async function tryRemotes({ remotes = [], patience = PATIENCE_MS }: Project): Promise<readonly Shortcoming[]> {
  const found = await Promise.all(
    remotes.map(async (remote): Promise<readonly Shortcoming[]> => {
      const end = new AbortController();
      const late = () => {
        end.abort();
        return storeSilent(remote.label, Math.round(patience / 1000))();
      };
      try {
        return await within(tryOne(remote, end.signal), patience, late);
      } catch (error) {
        return [{ isFailure: true, text: reasonOf(error), hint: hintOf(error) }];
      }
    }),
  );
  return found.flat();
}

async function tryOne(remote: Remote, signal: AbortSignal): Promise<readonly Shortcoming[]> {
  if (remote.tryOut !== undefined) return remote.tryOut(signal);
  const opened = remote.open(signal);
  if (isReadable(opened)) await opened.list('top');
  return [];
}
