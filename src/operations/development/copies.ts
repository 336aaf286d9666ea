import type { FakePlan, TablePlan } from '../../core/fakes/plan.ts';
import { type FakeKind, isIdentifying } from '../../core/privacy/fake-kinds.ts';
import { eachRow, type Held } from './held.ts';
import { kindIn, type PrivateValues, textIn } from './kind-in.ts';

export interface Copies {
  readonly table: string;
  readonly column: string;
  readonly kind: FakeKind;
  readonly rows: number;
}

/** Where values that are to go stand in columns that stay: as a whole, or, where they are somebody's alone, inside a text. */
export async function findCopies(
  held: Held,
  plan: FakePlan,
  values: PrivateValues,
  isLookedAt: (table: string) => boolean,
  onRows: (rows: number) => void,
): Promise<Copies[]> {
  const found: Copies[] = [];
  for (const table of held.content.data.keys()) {
    const own = plan.tables.get(table);
    if (!isLookedAt(table) || own?.isEmpty) continue;
    const counts = new Map<string, { kind: FakeKind; rows: number }>();
    await eachRow(held, table, (members) => {
      for (const [column, member] of members) {
        if (isNamed(own, column)) continue;
        const text = textIn(member);
        const kind = text === undefined ? undefined : kindIn(text, values);
        if (kind === undefined) continue;
        const known = counts.get(column);
        if (known === undefined) counts.set(column, { kind, rows: 1 });
        else {
          known.rows++;
          if (isIdentifying(kind)) known.kind = kind;
        }
      }
      onRows(1);
    });
    found.push(...[...counts].map(([column, each]) => ({ table, column, ...each })));
  }
  return found;
}

const isNamed = (plan: TablePlan | undefined, column: string) =>
  plan !== undefined && (plan.columns.has(column) || plan.kept.has(column));

/** Definitions come along as they are: those in which somebody is named, in sentences without their full stops. */
export const namedInDefinitions = ({ content }: Held, values: PrivateValues): string[] =>
  content.schema.flatMap(({ type, name, sql }) => {
    const kind = kindIn(sql, values);
    return kind !== undefined && isIdentifying(kind)
      ? [`the ${type} ${name} names what is to go (${kind}) in its definition, and stays as it is`]
      : [];
  });
