import type { Manifest } from '../../core/manifest.ts';
import { isSealed } from '../../format/sealed.ts';
import { type Opened, openBackup } from '../../operations/catalog.ts';
import type { Project } from '../../operations/project.ts';
import { type Unsealed, unseal } from '../../operations/unseal.ts';

/** A backup that can be looked into, as it stands in its store; and whom it is encrypted to, which is nobody where it is plain. */
export interface OpenedBackup extends Unsealed {
  readonly opened: Opened;
  readonly recipients: readonly string[];
}

/** Throws what `openBackup` and `unseal` throw. */
export async function opened({ store, encryption }: Project, name: string): Promise<OpenedBackup> {
  const found = await openBackup(store, name);
  const recipients = isSealed(found.manifest) ? found.manifest.envelope.recipients : [];
  return { opened: found, recipients, ...(await unseal(encryption, store, found)) };
}

/** The columns that tell rows of each table apart. To find out, the database makes the tables; schemas are few, however many backups there are. */
export function keyTeller(known = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>()) {
  return async ({ database }: Project, { schema }: Pick<Manifest, 'schema'>) => {
    const text = JSON.stringify(schema);
    const keys = known.get(text) ?? database.keysOf(schema);
    known.set(text, keys);
    if (known.size > MOST_SCHEMAS) for (const [oldest] of [...known].slice(0, 1)) known.delete(oldest);
    return keys;
  };
}

const MOST_SCHEMAS = 50;
