import type { FakePlan } from '../../core/fakes/plan.ts';
import type { LeftOut } from '../../core/privacy/left-out.ts';
import type { Defined } from '../../engines/engine.ts';

/** What becomes of tables that keep words of other tables, or rows of their own in a way of their own. */
interface Indexes {
  /** The lines of their tables while they have no entries. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
  readonly rebuild: LeftOut | undefined;
  readonly obstacles: readonly string[];
  readonly notes: readonly string[];
}

/** Full-text indexes about what is faked, or about tables of which only some rows come along, are begun empty. */
export function indexesFor({ shapes, empty }: Defined, plan: FakePlan, partial: ReadonlySet<string>): Indexes {
  const isVirtual = new Set(shapes.tables.filter(({ kind }) => kind === 'virtual').map(({ name }) => name));
  const emptied = [...plan.tables].flatMap(([name, { isEmpty }]) => (isEmpty ? [name] : []));
  const faked = new Map(
    [...plan.tables].flatMap(([name, { columns }]) =>
      columns.size === 0 ? [] : [[name, [...columns.keys()]] as const],
    ),
  );
  const leaking = shapes.leakingTables(
    {
      redact: new Map(),
      keep: new Map([...plan.tables].map(([name, { kept }]) => [name, kept])),
      include: new Map(),
      exclude: new Map(emptied.map((name) => [name, 'rows'])),
    },
    { redacted: faked, partial: new Set([...partial, ...emptied]) },
    false,
  );
  const again = leaking.filter(({ canBeMadeAgain }) => canBeMadeAgain).map(({ table }) => table.name);
  const wanted = [...again, ...emptied.filter((name) => isVirtual.has(name))];
  const obstacles = leaking
    .filter(({ canBeMadeAgain }) => !canBeMadeAgain)
    .map(({ table, columns }) =>
      columns.length === 0
        ? `${table.name} keeps a text of its own of rows that do not come along: 'empty' leaves it without rows`
        : `${table.name} keeps a text of its own of ${columns.join(', ')}: 'empty' leaves it without rows, and 'keep' of these columns leaves it as it is`,
    );
  return {
    rows: new Map(wanted.flatMap((name) => [...(empty.get(name) ?? [])])),
    rebuild: again.length === 0 ? undefined : { excluded: Object.fromEntries(again.map((name) => [name, 'rows'])) },
    obstacles,
    notes: [],
  };
}
