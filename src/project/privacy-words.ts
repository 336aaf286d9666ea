import { CONFIG, type Hint, hint } from '../core/hint.ts';
import { leftOutInWords } from '../core/privacy/left-out.ts';
import type { PrivacyConfig } from '../core/privacy/settings.ts';
import type { BackupResult } from '../operations/backup.ts';
import { lineToKeep, type Suspect, type SuspectDefinition } from '../operations/secrets.ts';

/** What a backup leaves out, in one line; undefined where that is nothing. */
export function leftOutLine(result: BackupResult): string | undefined {
  const words = leftOutInWords(result);
  return words === undefined ? undefined : `Left out: ${words}.`;
}

/** What somebody should decide, or know, about a backup that was just written. */
export function privacyNotes(result: BackupResult, privacy: PrivacyConfig | undefined): Hint[] {
  const { suspects = [], suspectDefinitions = [], stillInOlder = [], dangling = [] } = result;
  const older = hint`Older backups and git's history still hold ${stillInOlder.join(', ')}: what was secret there should be changed.`;
  return [
    ...dangling.map((sentence) => hint`${sentence}.`),
    ...(stillInOlder.length === 0 ? [] : [older]),
    ...(suspects.length === 0 ? [] : [suspicion(suspects, privacy)]),
    ...(suspectDefinitions.length === 0 ? [] : [hint`${inDefinitions(suspectDefinitions)} ${OUT_OF_DEFINITIONS}`]),
  ];
}

/** What definitions hold, in a sentence. */
export function inDefinitions(definitions: readonly SuspectDefinition[]): string {
  const all = definitions.map(({ type, name, kind }) => `${type} ${name} (${kind})`).join(', ');
  return `What looks secret is written into definitions, which backups hold to the letter: ${all}.`;
}

export const OUT_OF_DEFINITIONS = hint`Take it out there, and change what was secret.`;

function suspicion(suspects: readonly Suspect[], privacy: PrivacyConfig | undefined): Hint {
  const columns = suspects.map(({ table, column, kind }) => `${table}.${column} (${kind})`).join(', ');
  return hint`The backup holds what looks private: ${columns}. If it may stay, say so in ${CONFIG}: ${lineToKeep(suspects, privacy)}; if not, say the same with 'redact'.`;
}
