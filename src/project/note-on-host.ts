import { adviceOnHost } from '../core/advice.ts';
import type { Hint } from '../core/hint.ts';
import { readNote, writeNote } from '../local/notes.ts';
import type { Project } from '../operations/project.ts';

const KIND = 'host';

/**
 * One message for whoever writes backups where they do not last: writing goes on, because a volume may be there that nobody saw. It is
 * said once where the project's own notes last; `status` goes on saying it.
 */
export function noteOnHost({ runsOn, local, store }: Project): Hint | undefined {
  if (runsOn?.forgets !== true) return undefined;
  const { name } = runsOn;
  if (readNote(local, KIND, store.id)?.said === name) return undefined;
  writeNote(local, KIND, store.id, { said: name });
  const { text, hint } = adviceOnHost(name);
  return [`${text} `, ...hint];
}
