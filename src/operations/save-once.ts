import { shortName } from '../core/digest.ts';
import { manifestFile } from '../core/names.ts';
import { nameTaken } from '../core/problems/usage.ts';
import { lineageOf } from '../local/lineage.ts';
import { emptyLocalFolder } from '../local/place.ts';
import { allowedHold, liftAllowed, mustBeHeldAs } from './allowed-hold.ts';
import type { BackupOptions, BackupResult } from './backup.ts';
import { notesOn } from './backup-notes.ts';
import { collect } from './collect.ts';
import { settleMark } from './development/mark.ts';
import { judgeReading } from './judge-reading.ts';
import { lookBack, type Read } from './loss.ts';
import { mustBeCheckedOut } from './must-be-checked-out.ts';
import { unchangedAsRead, unchangedUnread } from './nothing-changed.ts';
import { aboutToPassOver, rememberPassedOver } from './passed-over.ts';
import { type Project, silent } from './project.ts';
import { type RevocableSink, revocableSink } from './remove-new-parts.ts';
import { tidyAside } from './replace.ts';
import { type Asked, type Begun, isAside, type Judgement, type Taken } from './saving.ts';
import { beginSealing } from './seal.ts';
import { selecting } from './secrets.ts';
import { knownOf, noteReading } from './since-before.ts';
import { writeBackup } from './write-backup.ts';

/** Writes a backup if anything changed. Throws what `backup` throws, and NotAsBefore where what is known of the reading before does not fit. */
export async function saveOnce(asked: Asked): Promise<BackupResult> {
  const begun = await begin(asked);
  const standing = await unchangedUnread(begun);
  if (standing !== undefined) return standing;
  const { project, options, hold, noted } = begun;
  // Files are saved before the rows, and a place far away takes its time with each part.
  const takesLong = project.files !== undefined || project.store.isCostly === true;
  const read = await project.database.read(scratchOf(project), selecting(project), noted?.notes, takesLong);
  try {
    // What came meanwhile may be in what is read.
    mustBeHeldAs(project, hold, read);
    const judgement = await judgeReading(begun, read);
    const notes = await notesOn(project, read, judgement.contents?.manifest);
    const taken = await take(begun, judgement);
    const result = (await unchangedAsRead(begun, taken)) ?? (await write(begun, taken));
    const files = judgement.beside?.said();
    return {
      ...result,
      ...(files === undefined ? {} : { files }),
      ...notes,
      ...(await liftAllowed(project, options, hold)),
    };
  } finally {
    await read.close();
  }
}

async function begin(asked: Asked): Promise<Begun> {
  const { project, options, wanted } = asked;
  await tidyAside(project);
  // What is allowed must be known before.
  if (options.evenFakes === true) await settleMark(project);
  const hold = allowedHold(project, options);
  const before = await lookBack(project);
  const { newest } = before;
  if (newest === undefined && options.allowShrink !== true && !isAside(options)) await mustBeCheckedOut(project);
  if (wanted !== undefined && (await project.store.list('top')).has(manifestFile(wanted))) throw nameTaken(wanted)();
  const sealing = await beginSealing(project, newest, before.encrypted);
  const stamp = await project.database.fingerprint();
  const noted = sealing === undefined ? knownOf(project, newest) : undefined;
  return { ...asked, hold, before, sealing, stamp, noted };
}

/** Puts rows and files into the parts. Whatever it throws, none stays that was not there. */
async function take(begun: Begun, judgement: Judgement): Promise<Taken> {
  const { project, options, before, sealing, hold, noted } = begun;
  const { read, beside, contents, values } = judgement;
  const { put: sink, removeNewParts } = await sinkOf(begun);
  const target = sealing?.into(sink) ?? sink;
  try {
    // The rows stay as they are, however long it takes until they are read; files do not.
    await beside?.save(target, before.newest, contents, sealing);
    const rows = await collect(read, target, progressOf(options, read), values.part, noted);
    mustBeHeldAs(project, hold);
    return { ...judgement, sink, collected: beside?.with(rows) ?? rows };
  } catch (error) {
    await removeNewParts();
    throw error;
  }
}

async function write(begun: Begun, taken: Taken): Promise<BackupResult> {
  const { into, project, options, before, sealing, noted } = begun;
  const { read, values, memory } = taken;
  const { newest } = before;
  const empty = await values.empty(read);
  const isNewest = into !== undefined && !isAside(options);
  const from = lineageOf(project.local, project.database.id);
  const passedOver = isNewest ? aboutToPassOver(project, from, newest) : undefined;
  const note = isNewest && newest !== undefined && sealing === undefined ? await noteReading(read, noted) : undefined;
  const writing = writeBackup(begun, taken, { memory: (date) => memory(date, empty), note });
  // Nothing is read any more, and to delete a copy takes time.
  const [written, closed] = await Promise.allSettled([writing, read.close()]);
  if (written.status === 'rejected') throw written.reason;
  if (closed.status === 'rejected') throw closed.reason;
  if (isNewest) rememberPassedOver(project, from, passedOver, options.trigger);
  return { ...written.value, ...(passedOver === undefined ? {} : { passedOver }) };
}

/** A folder for what reading needs, empty: what a backup that died left in it goes. The caller holds the store's lock. */
function scratchOf(project: Project): string {
  return emptyLocalFolder(project.local, 'scratch', shortName(project.store.id));
}

async function sinkOf({ into, project: { store } }: Asked): Promise<RevocableSink> {
  if (into !== undefined) return revocableSink(into);
  const present = await store.list('parts');
  return { put: async (file, bytes) => (present.has(file) ? 0 : bytes.length), removeNewParts: async () => {} };
}

function progressOf({ onProgress = silent }: BackupOptions, { tables }: Read): (rows: number) => void {
  const total = tables.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  return (rows) => {
    done += rows;
    onProgress('saving', done, total);
  };
}
