import type { Node, Place } from './mutation.ts';

/** A kind of change that says nothing about the tests: nobody could notice it, or only its words or its time. */
interface Rule {
  readonly says: string;
  readonly covers: (place: Place) => boolean;
}

const isFunction = ({ type }: Node) => /Function|ClassMethod|ObjectMethod/.test(type);

export const RULES: readonly Rule[] = [
  {
    says: 'Words: text in quotes, and what a problem is told about itself while it is thrown.',
    covers: ({ kind, around }) => kind === 'StringLiteral' || inWhatIsThrown(around),
  },
  {
    says: 'What is made while a file is loaded: that is before any test, and every test of the file would run again for it.',
    covers: ({ node, around }) => ![node, ...around].some(isFunction),
  },
  {
    says: 'Whether equals come in the order `<` or `<=` in a comparison for sorting (`a < b ? -1 : 1`).',
    covers: ({ kind, around: [outer], text }) =>
      kind === 'EqualityOperator' &&
      outer?.type === 'ConditionalExpression' &&
      /\?\s*(-1\s*:|1\s*:\s*-1)/.test(text(outer)),
  },
  {
    says: 'Whether a loop over a whole list asks for an end that was passed (`at < list.length` becoming `<=`, where the element is looked at).',
    covers: ({ kind, node, around: [outer], text, becomes }) =>
      kind === 'EqualityOperator' &&
      outer?.type === 'ForStatement' &&
      /<=/.test(becomes) &&
      /\.length$/.test(text(node)),
  },
  {
    says: 'An early end that does for nothing what is done for something (`if (list.length === 0) return [];`).',
    covers: ({ kind, node, around: [outer], text, becomes }) =>
      kind === 'ConditionalExpression' &&
      becomes === 'false' &&
      outer?.type === 'IfStatement' &&
      /^!?[\w.]+(\.length|\.size) === 0$/.test(text(node)) &&
      /\)\s*return( \[\]| new (Map|Set)\(\)| undefined)?;$/.test(text(outer)),
  },
  {
    says: 'A `catch` at the end of a function that only answers `undefined`, which without it is the answer as well.',
    covers: ({ kind, node, around: [clause, attempt, body, outer], text }) =>
      kind === 'BlockStatement' &&
      clause?.type === 'CatchClause' &&
      attempt !== undefined &&
      body !== undefined &&
      outer !== undefined &&
      isFunction(outer) &&
      /^\{\s*(\/\/[^\n]*\s*)*return undefined;\s*\}$/.test(text(node)) &&
      attempt.end === body.end - (/\s*\}$/.exec(text(body))?.[0].length ?? 0),
  },
  {
    says: 'The `?.` that the compiler wants after an index or a call whose bounds are known.',
    covers: ({ kind, node, text }) => kind === 'OptionalChaining' && /[\])]\?\.[\s\S]*$/.test(text(node)),
  },
  {
    says: 'How long is waited: what stands in a call of `sleep`, `pause` or `setTimeout`.',
    covers: ({ around, text }) =>
      around
        .slice(0, Math.max(0, around.findIndex(isFunction)))
        .some((outer) => outer.type === 'CallExpression' && /^(\w+\.)?(sleep|pause|setTimeout)\(/.test(text(outer))),
  },
  {
    says: 'A moment more or less: `<` becoming `<=` where a clock is read.',
    covers: ({ kind, node, text }) =>
      kind === 'EqualityOperator' && /performance\.now\(\)|Date\.now\(\)/.test(text(node)),
  },
  {
    says: "A list that was empty filled with text of Stryker's: what is no part of any list here.",
    covers: ({ kind, becomes }) => kind === 'ArrayDeclaration' && becomes.includes('Stryker was here'),
  },
];

function inWhatIsThrown(around: readonly Node[]): boolean {
  const within = around.slice(0, Math.max(0, around.findIndex(isFunction)));
  const thrown = within.findIndex(({ type }) => type === 'ThrowStatement');
  return within.slice(0, Math.max(0, thrown)).some(({ type }) => type === 'CallExpression' || type === 'NewExpression');
}

/** Files that only say things. */
export const ONLY_WORDS = /^src\/core\/(problems\/|hint)/;

export const isSpared = (place: Place) => RULES.some(({ covers }) => covers(place));
