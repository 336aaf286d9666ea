import { dirname } from 'node:path';
import { type AlarmMemory, alarmMemoryText, NOTHING_KNOWN, readAlarmMemory } from '../core/alarms/read-memory.ts';
import { isThere } from '../files/if-there.ts';
import { withLock } from '../local/lock.ts';
import { readLocal, writeLocal } from '../local/place.ts';

const NAME = 'alarms.json';
const PATIENCE_MS = 2000;

/** What is known on this machine. Where nothing can be read, nothing is known. */
export function recallAlarms(local: string): AlarmMemory {
  try {
    return readAlarmMemory(readLocal(local, NAME));
  } catch {
    return NOTHING_KNOWN;
  }
}

/** Changes what is known, one process after the other. */
export interface AlarmNotes {
  known(): AlarmMemory;
  /** What only this process knows, because it could not be written. */
  unwritten(): AlarmMemory | undefined;
  change(work: (before: AlarmMemory) => AlarmMemory): Promise<void>;
}

/**
 * A disk that takes no notes is itself something to be alarmed about: then this process remembers, so that an alarm goes out, and goes out
 * once.
 */
export function alarmNotes(local: string, given?: AlarmMemory): AlarmNotes {
  let ours = given;
  const change = (work: (before: AlarmMemory) => AlarmMemory) => {
    const after = work(ours ?? recallAlarms(local));
    try {
      writeLocal(local, NAME, alarmMemoryText(after), { flush: false });
      ours = undefined;
    } catch {
      ours = after;
    }
  };
  const changeAlone = (work: (before: AlarmMemory) => AlarmMemory) =>
    withLock(local, NAME, PATIENCE_MS, async () => change(work)).catch(() => {
      // No lock can be made where nothing can be written.
      change(work);
    });
  return {
    known: () => ours ?? recallAlarms(local),
    unwritten: () => ours,
    async change(work) {
      // A project that was removed meanwhile is not to come back as a folder with this in it.
      if (isThere(dirname(local))) await changeAlone(work);
      else ours = work(ours ?? NOTHING_KNOWN);
    },
  };
}
