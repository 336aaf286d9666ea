import { expect, test } from 'vitest';
import type { Node, Place } from '../../scripts/mutants/mutation.ts';
import { isSpared, RULES } from '../../scripts/mutants/rules.ts';

/* What is not broken is not counted: a rule that spares too much makes the figures better than the tests are. */

type Named = readonly [type: string, text: string];

/** A place in a source: what is broken there, and what it is in, from the inside out. */
function placeIn(source: string, kind: string, becomes: string, ...[own, ...around]: readonly Named[]): Place {
  const nodeOf = ([type, text]: Named): Node => {
    const start = source.indexOf(text);
    if (start < 0) throw new Error(`there is no ${text}`);
    return { type, start, end: start + text.length, loc: { start: { line: 1, column: 0 } } };
  };
  if (own === undefined) throw new Error('nothing is broken');
  return {
    kind,
    node: nodeOf(own),
    around: around.map(nodeOf),
    text: ({ start, end }) => source.slice(start, end),
    becomes,
  };
}

/** The same in a function: what is not in one is made while a file is loaded. */
function place(body: string, kind: string, becomes: string, ...nodes: readonly Named[]): Place {
  const source = `function f() { ${body} }`;
  return placeIn(source, kind, becomes, ...nodes, ['FunctionDeclaration', source]);
}

/** Which rule spares it. */
const rulesFor = (at: Place) => RULES.filter(({ covers }) => covers(at)).map(({ says }) => says.slice(0, 12));

test('what is made while a file is loaded is spared, and the same in a function is not', () => {
  const list: Named = ['ArrayExpression', '[1, 2]'];
  expect(rulesFor(placeIn('const list = [1, 2];', 'ArrayDeclaration', '[]', list))).toEqual(['What is made']);
  expect(isSpared(place('return [1, 2];', 'ArrayDeclaration', '[]', list))).toBe(false);
});

test('words are spared, and what is thrown is told in words; whether it is thrown is not spared', () => {
  expect(rulesFor(place("say('a')", 'StringLiteral', '""', ['StringLiteral', "'a'"]))).toEqual(['Words: text ']);
  const body = 'if (a) throw fault(a ? 1 : 2);';
  const thrown: Named = ['ThrowStatement', 'throw fault(a ? 1 : 2);'];
  const told: readonly Named[] = [['Identifier', 'a ? 1 : 2'], ['CallExpression', 'fault(a ? 1 : 2)'], thrown];
  expect(rulesFor(place(body, 'ConditionalExpression', 'true', ...told))).toEqual(['Words: text ']);
  const whether: readonly Named[] = [
    ['Identifier', 'a'],
    ['IfStatement', body],
  ];
  expect(isSpared(place(body, 'ConditionalExpression', 'true', ...whether))).toBe(false);
});

test('of an order only the equals are spared', () => {
  const body = 'return a < b ? -1 : 1;';
  const nodes: readonly Named[] = [
    ['BinaryExpression', 'a < b'],
    ['ConditionalExpression', 'a < b ? -1 : 1'],
  ];
  expect(rulesFor(place(body, 'EqualityOperator', 'a <= b', ...nodes))).toEqual(['Whether equa']);
  expect(isSpared(place(body, 'ConditionalExpression', 'true', ...nodes))).toBe(false);
  const other = 'return a < b ? 5 : 7;';
  const plain: readonly Named[] = [
    ['BinaryExpression', 'a < b'],
    ['ConditionalExpression', 'a < b ? 5 : 7'],
  ];
  expect(isSpared(place(other, 'EqualityOperator', 'a <= b', ...plain))).toBe(false);
});

test('the end of a loop is spared where the element is looked at, and its beginning is not', () => {
  const body = 'for (let at = 0; at < list.length; at++) look(list[at]);';
  const nodes: readonly Named[] = [
    ['BinaryExpression', 'at < list.length'],
    ['ForStatement', body],
  ];
  expect(rulesFor(place(body, 'EqualityOperator', 'at <= list.length', ...nodes))).toEqual(['Whether a lo']);
  expect(isSpared(place(body, 'ConditionalExpression', 'false', ...nodes))).toBe(false);
});

test('an early end is spared where it does for nothing what is done for something', () => {
  const early = (body: string, becomes: string) =>
    rulesFor(
      place(body, 'ConditionalExpression', becomes, ['BinaryExpression', 'list.length === 0'], ['IfStatement', body]),
    );
  expect(early('if (list.length === 0) return [];', 'false')).toEqual(['An early end']);
  expect(early('if (list.length === 0) return;', 'false')).toEqual(['An early end']);
  expect(early('if (list.length === 0) return [];', 'true')).toEqual([]);
  expect(early('if (list.length === 0) return "none";', 'false')).toEqual([]);
});

test('a catch is spared that ends a function with the answer it would have anyhow, and no other', () => {
  const caught = (body: string, handler: string, attempt: string) =>
    rulesFor(
      placeIn(
        `function f() ${body}`,
        'BlockStatement',
        '{}',
        ['BlockStatement', handler],
        ['CatchClause', `catch ${handler}`],
        ['TryStatement', attempt],
        ['BlockStatement', body],
        ['FunctionDeclaration', `function f() ${body}`],
      ),
    );
  const ends = (handler: string, after = '') => {
    const attempt = `try { return work(); } catch ${handler}`;
    return caught(`{\n  ${attempt}${after}\n}`, handler, attempt);
  };
  expect(ends('{\n    return undefined;\n  }')).toEqual(['A `catch` at']);
  expect(ends('{\n    // Whoever asks must do without.\n    return undefined;\n  }')).toEqual(['A `catch` at']);
  expect(ends('{ return undefined; }', '\n  return more();')).toEqual([]);
  expect(ends('{ return []; }')).toEqual([]);
  expect(ends('{ tidy(); return undefined; }')).toEqual([]);
});

test('a moment more or less, and how long is waited, are spared; whether, is not', () => {
  const body = 'if (Date.now() > end) stop();';
  const nodes: readonly Named[] = [
    ['BinaryExpression', 'Date.now() > end'],
    ['IfStatement', body],
  ];
  expect(rulesFor(place(body, 'EqualityOperator', 'Date.now() >= end', ...nodes))).toEqual(['A moment mor']);
  expect(isSpared(place(body, 'ConditionalExpression', 'true', ...nodes))).toBe(false);
  const pause = 'await sleep(2 * many);';
  const waited: readonly Named[] = [
    ['BinaryExpression', '2 * many'],
    ['CallExpression', 'sleep(2 * many)'],
  ];
  expect(rulesFor(place(pause, 'ArithmeticOperator', '2 / many', ...waited))).toEqual(['How long is ']);
});
