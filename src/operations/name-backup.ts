import { isNamedByTime, kindOf, manifestFile, POINTER_FILE, userName } from '../core/names.ts';
import { backupNotFound } from '../core/problems/backups.ts';
import { nameInvalid, nameTaken } from '../core/problems/usage.ts';
import { pointerTo, writePointer } from '../format/pointer.ts';
import { lineageOf, noteLineage } from '../local/lineage.ts';
import { withLock } from '../local/lock.ts';
import { openBackup, pointerOf } from './catalog.ts';
import type { Project } from './project.ts';

/** Whether somebody may call a backup otherwise: what is kept aside, or says what was deployed, is found by its name. */
export const mayBeNamed = (name: string): boolean => kindOf(name) === undefined || kindOf(name) === 'backup';

/**
 * Calls a backup otherwise, so that it is found and stays when others go. It stands under both names for a moment, and never under none.
 * Throws BACKUP_NOT_FOUND, BACKUP_DAMAGED, NAME_INVALID, NAME_TAKEN.
 */
export async function nameBackup(project: Project, name: string, given: string): Promise<{ readonly name: string }> {
  const { store, local, database, wait } = project;
  const wanted = userName(given);
  // Such a name says what is in it.
  if (isNamedByTime(wanted)) throw nameInvalid(given)();
  return withLock(local, store.id, wait, () =>
    store.batch(async (into) => {
      const { digest, manifest } = await openBackup(into, name);
      const bytes = await into.read(manifestFile(name));
      if (!mayBeNamed(name) || bytes === undefined) throw backupNotFound(name, store.label)();
      if ((await into.list('top')).has(manifestFile(wanted))) throw nameTaken(wanted)();
      await into.publish(manifestFile(wanted), bytes);
      if (into.limits.replaces && (await pointerOf(into))?.name === name)
        await into.publish(POINTER_FILE, Buffer.from(writePointer(pointerTo(wanted, digest, manifest))));
      await into.remove([manifestFile(name)]);
      const lineage = lineageOf(local, database.id);
      if (lineage?.name === name) noteLineage(local, database.id, { ...lineage, name: wanted });
      return { name: wanted };
    }),
  );
}
