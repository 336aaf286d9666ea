import { isLeftOutWhole, type Selection } from '../core/privacy/left-out.ts';

interface Table {
  readonly key: string;
  readonly references: readonly { readonly table: string }[];
}

interface Source<T> {
  readonly table: T;
  readonly only?: string;
}

/** A foreign key whose parent's rows are left out but for those that `only` takes. */
export interface LooseReference<S, T extends Table> {
  readonly child: S;
  readonly reference: T['references'][number];
  readonly parent: T;
  readonly only: string;
}

/** The foreign keys of what is kept that point to tables of which rows are left out. */
export function looseReferences<T extends Table, S extends Source<T>>(
  sources: readonly S[],
  tables: readonly T[],
  selection: Selection,
): LooseReference<S, T>[] {
  const conditions = new Map(sources.flatMap(({ table, only }) => (only === undefined ? [] : [[table.key, only]])));
  for (const { key } of tables) if (isLeftOutWhole(selection, key)) conditions.set(key, 'false');
  const byKey = new Map(tables.map((table) => [table.key, table]));
  return sources.flatMap((child) =>
    child.table.references.flatMap((reference) => {
      const parent = byKey.get(reference.table);
      const only = conditions.get(reference.table);
      return parent === undefined || only === undefined ? [] : [{ child, reference, parent, only }];
    }),
  );
}

/** What somebody should know of rows that are kept without those they point to. */
export const danglingInWords = (rows: number, child: string, parent: string): string[] =>
  rows === 0
    ? []
    : [`${rows} ${rows === 1 ? 'row' : 'rows'} of ${child} will point to rows of ${parent} that are left out`];
