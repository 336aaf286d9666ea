import { type Settings, setting } from '../core/hint.ts';
import type { SchemaObject } from '../core/manifest.ts';
import { type Privacy, selectionOf } from '../core/privacy/select.ts';
import type { PrivacyConfig } from '../core/privacy/settings.ts';
import type { Fold } from '../core/privacy/shape.ts';
import { type Kind, kindInDefinition, kindOf } from '../core/privacy/values.ts';
import type { ContentCodec } from '../engines/codec.ts';
import type { Reading, Select } from '../engines/engine.ts';
import { withScratch } from '../local/scratch.ts';
import type { Project } from './project.ts';

/** How a project's backups read its database. */
export function selecting({ privacy = {} }: Project): Select {
  return (shapes) => selectionOf(privacy, shapes);
}

/** A column that is saved, whose values look private, and that nobody said anything about. */
export interface Suspect {
  readonly table: string;
  readonly column: string;
  readonly kind: Kind;
}

/** A definition in which something that looks like a secret is written down. */
export interface SuspectDefinition extends Pick<SchemaObject, 'type' | 'name'> {
  readonly kind: Kind;
}

export interface Secrets {
  readonly columns: readonly Suspect[];
  readonly definitions: readonly SuspectDefinition[];
}

/** How many rows of a table are looked at. */
const ROWS = 200;

/**
 * Every column that looks private and is neither kept nor redacted by the configuration, and every such definition: what a person is
 * to decide. It looks at some rows of each table. Throws what reading throws.
 */
export function findSecrets(project: Project): Promise<Secrets> {
  return withScratch(project.local, 'secrets', async (scratch) => {
    const reading = await project.database.read(scratch, selecting(project));
    try {
      return {
        columns: await suspectsIn(reading, project.privacy),
        definitions: suspectDefinitions(reading.codec, reading.schema, project.privacy),
      };
    } finally {
      await reading.close();
    }
  });
}

/** Where nobody but those with a key reads a backup, nothing is judged by its looks. */
export const judgesByLook = ({ byName = true }: Privacy = {}): boolean => byName;

/** Of the tables that people fill, save those that are known already: a tool's checksums only look like secrets. */
export async function suspectsIn(
  { codec, schema, tables }: Pick<Reading, 'codec' | 'schema' | 'tables'>,
  privacy: Privacy = {},
  isKnown: (table: string) => boolean = () => false,
): Promise<Suspect[]> {
  if (!judgesByLook(privacy)) return [];
  const ledgers = new Set(schema.filter((object) => codec.bookkeepingOf(object) === 'ledger').map(({ name }) => name));
  const suspects: Suspect[] = [];
  for (const table of tables.filter(({ name, own }) => own && !ledgers.has(name) && !isKnown(name))) {
    for (const [column, values] of await table.samples(ROWS)) {
      const kind = isKept(table.name, column, privacy, codec.fold) ? undefined : kindOf(values);
      if (kind !== undefined) suspects.push({ table: table.name, column, kind });
    }
  }
  return suspects;
}

export function suspectDefinitions(
  codec: ContentCodec,
  schema: readonly SchemaObject[],
  privacy: Privacy = {},
): SuspectDefinition[] {
  if (!judgesByLook(privacy)) return [];
  return schema.flatMap(({ type, name, sql }) => {
    const kind = kindInDefinition(sql, codec.quotedIn(sql));
    return kind === undefined ? [] : [{ type, name, kind }];
  });
}

function isKept(table: string, column: string, { keep = {} }: PrivacyConfig, fold: Fold): boolean {
  return Object.entries(keep).some(
    ([name, columns]) => fold(name) === fold(table) && columns.some((each) => fold(each) === fold(column)),
  );
}

/** The line of configuration that says the columns may stay: `keep: { users: ['email'] }`. */
export function lineToKeep(suspects: readonly Suspect[], { keep = {} }: PrivacyConfig = {}): Settings {
  const columns: Record<string, readonly string[]> = { ...keep };
  for (const { table, column } of suspects) columns[table] = [...(columns[table] ?? []), column];
  return setting({ keep: columns });
}
