import { askedOnce, type Manifests } from '../stores/asked-once.ts';
import { isReadable, type Remote, type WritableStore } from '../stores/store.ts';
import type { Project } from './project.ts';

/** The other places that a backup can be read from, as they are now. */
export function remotesOf(project: Project): WritableStore[] {
  return (project.remotes ?? []).flatMap((remote) => {
    const opened = remote.open();
    return isReadable(opened) ? [asked(project, remote, opened)] : [];
  });
}

/** What is known of a place as long as this process lives. */
const known = new WeakMap<Remote, Manifests>();

/** A place that is costly to ask, asked as little as can be: what lies in the project's own store is not brought from it. */
export function asked(project: Project, remote: Remote, opened: WritableStore): WritableStore {
  if (!opened.isCostly) return opened;
  const manifests = known.get(remote) ?? new Map();
  known.set(remote, manifests);
  return askedOnce(opened, manifests, project.store);
}
