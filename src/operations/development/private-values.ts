import { chanceOf, type Secret } from '../../core/fakes/chance.ts';
import { fakesFor } from '../../core/fakes/fake.ts';
import type { FakePlan, TablePlan } from '../../core/fakes/plan.ts';
import type { FakeRule } from '../../core/fakes/texts.ts';
import { type FakeKind, isIdentifying, isTelling } from '../../core/privacy/fake-kinds.ts';
import { count } from '../../core/words.ts';
import { eachRow, type Held } from './held.ts';
import { kindByLook } from './kind-by-look.ts';
import { FEWEST_DIGITS, type PrivateValues, textIn } from './kind-in.ts';

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

/** Goes through all values that are to go: they are looked for elsewhere later, and no two of a unique column may become the same. */
export async function gather(
  held: Held,
  plan: FakePlan,
  secret: Secret,
  onRows: (rows: number) => void,
): Promise<Gathered> {
  const values: Noted = { texts: new Map(), digits: new Set() };
  const obstacles: string[] = [];
  for (const [table, own] of plan.tables) {
    if (!held.content.data.has(table)) continue;
    const watched = [...own.columns].flatMap(([name, rule]) =>
      rule === undefined ? [] : [watching(name, rule, own.unique.has(name), secret, values)],
    );
    const emptied = [...own.columns].flatMap(([name, rule]) => (rule === undefined ? [name] : []));
    if (!own.isEmpty && watched.length === 0 && emptied.length === 0) continue;
    // An index that is emptied holds what stays.
    if (own.isEmpty && own.isVirtual) continue;
    await eachRow(held, table, (members) => {
      if (own.isEmpty) {
        for (const [name, member] of members) noteByLook(name, member, own, values);
      } else {
        for (const each of watched) each.see(members.get(each.name) ?? 'null');
        for (const name of emptied) noteByLook(name, members.get(name) ?? 'null', own, values);
      }
      onRows(1);
    });
    obstacles.push(...watched.flatMap(({ name, obstacle }) => obstacle().map((why) => `${table}.${name} ${why}`)));
  }
  return { values, obstacles, isPartial: values.texts.size >= MOST };
}

interface Noted extends PrivateValues {
  readonly texts: Map<string, FakeKind>;
  readonly digits: Set<string>;
}

function watching(name: string, rule: FakeRule, isUnique: boolean, secret: Secret, values: Noted) {
  const fake = fakesFor(rule, secret);
  const [before, after] = [distinct(), distinct()];
  let without = 0;
  return {
    name,
    see(member: string) {
      if (member === 'null') return;
      if (isTelling(rule.kind)) note(member, rule.kind, values);
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

function note(member: string, kind: FakeKind, { texts, digits }: Noted): void {
  const text = textIn(member);
  if (text === undefined || texts.size >= MOST) return;
  const least = kind === 'text' ? SHORTEST_TEXT : SHORTEST_WORD;
  if (text.length >= least && (isIdentifying(kind) || !texts.has(text))) texts.set(text, kind);
  const number = kind === 'phone' ? text.replace(/\D/g, '') : '';
  if (number.length >= FEWEST_DIGITS) digits.add(number);
}

/** Of a column or a table that comes along empty. What a foreign key points to is said of where it stands; a log's ids and long texts are those of rows that stay. */
function noteByLook(name: string, member: string, { isEmpty, pointing }: TablePlan, values: Noted): void {
  if (!member.startsWith('"') || pointing.has(name)) return;
  const kind = kindByLook(textIn(member) ?? '');
  if (kind !== undefined && !(isEmpty && (kind === 'uuid' || kind === 'text'))) note(member, kind, values);
}
