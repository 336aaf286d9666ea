import { heal } from '../../commit/heal.ts';
import { git, type Hint, hint, overwinter } from '../../core/hint.ts';
import { type Environment, openRepository, type Repository } from '../../git/repository.ts';
import { resync } from '../../git/staging.ts';
import { withLock } from '../../local/lock.ts';
import { backup } from '../../operations/backup.ts';
import { movePointer } from '../../operations/copy-newest.ts';
import type { Project } from '../../operations/project.ts';
import { ATTRIBUTES_FILE, ATTRIBUTES_TEXT } from '../../stores/folder/companions.ts';
import { apply } from '../init/apply.ts';
import type { Repair } from './check.ts';
import type { Examined } from './examine.ts';
import type { Facts } from './facts.ts';

type Act = (project: Project, facts: Facts, repository: Repository | undefined) => Promise<unknown>;

interface Deed {
  readonly done: Hint;
  readonly act: Act;
  /** It takes the lock of the backups itself. */
  readonly locks?: true;
}

const ACTS: Record<Repair, Deed> = {
  init: {
    done: hint`Wrote what ${overwinter('init')} writes.`,
    act: (_project, { plan, root }, repository) => apply(plan, repository?.top ?? root, repository, () => {}),
  },
  attributes: {
    done: hint`Told git to leave the bytes of backups alone.`,
    async act({ store }) {
      const before = (await store.read(ATTRIBUTES_FILE))?.toString('utf8') ?? '';
      // What stands later wins.
      const text = before === '' || before.endsWith('\n') ? before : `${before}\n`;
      await store.batch((into) => into.publish(ATTRIBUTES_FILE, Buffer.from(text + ATTRIBUTES_TEXT)));
    },
  },
  parts: {
    done: hint`Brought parts back from git's objects.`,
    act: async ({ store }, _facts, repository) => repository && heal(repository, store, { among: 'all', deep: true }),
  },
  rows: {
    done: hint`Wrote the parts anew that were gone, from the database.`,
    act: (project) => backup(project, { trigger: 'doctor' }),
    locks: true,
  },
  pointer: { done: hint`Let the pointer name the newest backup.`, act: ({ store }) => movePointer(store) },
  resync: {
    done: hint`Told the index what ${git('commit', '--', 'path')} had committed.`,
    act: async (_p, _f, repository) => repository && resync(repository),
  },
};

/** Does what can do no harm about what was found, and says what it did. Throws what the acts throw. */
export async function repair(
  project: Project,
  facts: Facts,
  examined: readonly Examined[],
  env: Environment,
): Promise<Hint[]> {
  const wanted = new Set(examined.flatMap(({ findings }) => findings.flatMap((finding) => finding.repair ?? [])));
  if (wanted.size === 0) return [];
  const repository = facts.git === undefined ? undefined : await openRepository(facts.root, env);
  const done: Hint[] = [];
  for (const [name, { done: text, act, locks }] of Object.entries(ACTS)) {
    if (![...wanted].some((each) => each === name)) continue;
    const work = () => act(project, facts, repository);
    await (locks ? work() : withLock(project.local, project.store.id, project.wait, work));
    done.push(text);
  }
  return done;
}
