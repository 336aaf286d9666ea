import { unlessHindered } from '../core/damage.ts';
import { isSealed } from '../format/sealed.ts';
import { everyEntry, openBackup, readCatalog } from './catalog.ts';
import type { Project } from './project.ts';
import { openBody } from './unseal.ts';

export interface KeyCheck {
  readonly name: string;
  /** Empty for a plain backup. */
  readonly recipients: readonly string[];
  /** Those of them whose identities are here. */
  readonly held: readonly string[];
  readonly opens: boolean;
  /** Why it does not. */
  readonly error: unknown;
}

/** Tries the keys that are here on every backup, newest first. */
export async function checkKeys({ store, encryption }: Project): Promise<KeyCheck[]> {
  const checks: KeyCheck[] = [];
  for (const { name } of everyEntry(await readCatalog(store))) {
    let about: Pick<KeyCheck, 'recipients' | 'held'> = { recipients: [], held: [] };
    try {
      const { manifest } = await openBackup(store, name);
      if (isSealed(manifest)) {
        const { envelope } = manifest;
        about = { recipients: envelope.recipients, held: (await encryption?.holds(envelope)) ?? [] };
        await openBody(encryption, store, manifest);
      }
      checks.push({ name, ...about, opens: true, error: undefined });
    } catch (error) {
      unlessHindered(error);
      checks.push({ name, ...about, opens: false, error });
    }
  }
  return checks;
}
