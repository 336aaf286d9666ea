import { chanceOf, type Secret } from '../../core/fakes/chance.ts';
import { fakesFor } from '../../core/fakes/fake.ts';
import type { FakePlan, TablePlan } from '../../core/fakes/plan.ts';
import type { FakeRule } from '../../core/fakes/texts.ts';
import { parse } from '../../core/json.ts';
import { type FakeKind, isIdentifying, isTelling } from '../../core/privacy/fake-kinds.ts';
import { count } from '../../core/words.ts';
import { eachRow, type Held } from './held.ts';

/** Values that are to go, by the kind that they are of. */
export type PrivateValues = ReadonlyMap<string, FakeKind>;

export interface Gathered {
  readonly values: PrivateValues;
  /** Why fakes cannot stand in some columns, in sentences without their full stops. */
  readonly obstacles: readonly string[];
  /** Not all of them were kept: there are more than can be. */
  readonly isPartial: boolean;
}

/** More are not looked for elsewhere. */
const MOST = 10_000_000;
/** Shorter ones stand everywhere. */
const SHORTEST_WORD = 5;
const SHORTEST_TEXT = 20;

/** Goes through all values that are to become fakes: they are looked for elsewhere later, and no two of a unique column may become the same. */
export async function gather(
  held: Held,
  plan: FakePlan,
  secret: Secret,
  onRows: (rows: number) => void,
): Promise<Gathered> {
  const values = new Map<string, FakeKind>();
  const obstacles: string[] = [];
  for (const [table, { columns, unique, isEmpty }] of plan.tables) {
    const rules = isEmpty ? [] : [...columns].flatMap(([name, rule]) => (rule === undefined ? [] : [{ name, rule }]));
    if (rules.length === 0 || !held.content.data.has(table)) continue;
    const watched = rules.map(({ name, rule }) => watching(name, rule, unique.has(name), secret, values));
    await eachRow(held, table, (members) => {
      for (const each of watched) each.see(members.get(each.name) ?? 'null');
      onRows(1);
    });
    obstacles.push(...watched.flatMap(({ name, obstacle }) => obstacle().map((why) => `${table}.${name} ${why}`)));
  }
  return { values, obstacles, isPartial: values.size >= MOST };
}

function watching(name: string, rule: FakeRule, isUnique: boolean, secret: Secret, values: Map<string, FakeKind>) {
  const fake = fakesFor(rule, secret);
  const [before, after] = [distinct(), distinct()];
  let without = 0;
  return {
    name,
    see(member: string) {
      if (member === 'null') return;
      if (isTelling(rule.kind) && values.size < MOST) note(member, rule.kind, values);
      const made = fake(member);
      if (made === undefined) without++;
      else if (isUnique) {
        before.add(member);
        after.add(made);
      }
    },
    obstacle: () => [
      ...(without === 0 ? [] : [`has ${count(without, 'value')} that no ${rule.kind} can stand for`]),
      ...(after.count() >= before.count() ? [] : [`must be unique, and ${rule.kind} fakes of its values are not`]),
    ],
  };
}

/** How many different ones there are: each is kept by six bytes of a hash. */
function distinct() {
  const found: number[] = [];
  return {
    add: (text: string) => void found.push(numberOf(text)),
    count: () => new Set(found).size,
  };
}

const NO_SECRET = Buffer.alloc(0);
const numberOf = (text: string) => chanceOf(NO_SECRET, text).bytes(6).readUIntBE(0, 6);

function note(member: string, kind: FakeKind, values: Map<string, FakeKind>): void {
  const text = textIn(member);
  if (text === undefined) return;
  const least = kind === 'text' ? SHORTEST_TEXT : SHORTEST_WORD;
  if (text.length >= least && (isIdentifying(kind) || !values.has(text))) values.set(text, kind);
}

/** What is written in a value; undefined where it is no text and no number. */
function textIn(member: string): string | undefined {
  if (member.startsWith('"')) return String(parse(member)).trim();
  return /^\d/.test(member) ? member : undefined;
}

export interface Copies {
  readonly table: string;
  readonly column: string;
  readonly kind: FakeKind;
  readonly rows: number;
}

const WORDS = /[\p{L}\p{N}@._%+:/-]{5,}/gu;

/** Where values that are to go stand in columns that stay: as a whole, or, where they are somebody's alone, as a word. */
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
        const kind = kindIn(member, values);
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

function kindIn(member: string, values: PrivateValues): FakeKind | undefined {
  const text = textIn(member);
  if (text === undefined) return undefined;
  const whole = values.get(text);
  if (whole !== undefined) return whole;
  for (const [word] of text.matchAll(WORDS)) {
    const kind = values.get(word) ?? values.get(word.replace(/^[._:/+-]+|[._:/-]+$/g, ''));
    if (kind !== undefined && isIdentifying(kind)) return kind;
  }
  return undefined;
}
