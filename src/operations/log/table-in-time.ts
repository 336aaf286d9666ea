import type { Content, SchemaObject } from '../../core/manifest.ts';
import { tableUnknown } from '../../core/problems/usage.ts';
import type { ReadableStore } from '../../stores/store.ts';
import { openBackup } from '../catalog.ts';
import type { Project } from '../project.ts';
import { unseal } from '../unseal.ts';
import type { Version } from './timeline.ts';

/** A table as one backup has it. */
export interface TableState {
  /** As the backup calls it; undefined where it has no such table. */
  readonly definition: SchemaObject | undefined;
  readonly content: Content;
  readonly store: ReadableStore;
}

/** How rows of a table are told apart, and where they lie. */
export interface TableKey {
  readonly key: readonly string[];
  readonly slicedBy: string | undefined;
}

/** Reads one table's state out of backups; what their other tables are called is remembered, for whoever asks for one that never was. */
export function tableReader({ database, encryption }: Project, wanted: string) {
  const { fold, isInternal } = database.codec;
  const others = new Set<string>();
  const known = new Map<string, Promise<TableKey>>();
  let isKnown = false;

  async function readKey({ name }: SchemaObject, schema: readonly SchemaObject[]): Promise<TableKey> {
    const [keys, sliced] = await Promise.all([database.keysOf(schema), database.slicedBy?.(schema)]);
    return { key: keys.get(name) ?? [], slicedBy: sliced?.get(name) };
  }

  return {
    async stateOf({ store, name }: Version): Promise<TableState> {
      const { manifest, store: opened } = await unseal(encryption, store, await openBackup(store, name));
      const tables = manifest.schema.filter((object) => object.type === 'table' && manifest.data.has(object.name));
      const definition = tables.find((object) => fold(object.name) === fold(wanted));
      isKnown ||= definition !== undefined;
      if (!isKnown) for (const each of tables) if (!isInternal(each.name)) others.add(each.name);
      return { definition, content: manifest, store: opened };
    },

    /** Schemas are few, however many backups there are. All of it: some databases keep a table's key beside the table. */
    tableKeyOf(definition: SchemaObject, { schema }: Pick<Content, 'schema'>): Promise<TableKey> {
      const text = [definition, ...schema].map(({ sql }) => sql).join('\n');
      const tableKey = known.get(text) ?? readKey(definition, schema);
      known.set(text, tableKey);
      return tableKey;
    },

    /** Throws USAGE where no backup had such a table. */
    mustBeKnown(): void {
      if (!isKnown) throw tableUnknown(wanted, [...others].sort())();
    },
  };
}

export type TableReader = ReturnType<typeof tableReader>;
