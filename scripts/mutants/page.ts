import { type Mutation, roomOf } from './mutation.ts';
import { RULES } from './rules.ts';
import { type Judged, share, table, told } from './score.ts';
import { STRYKER } from './stryker.ts';

interface Drawn {
  /** How many of each room, and by which word. */
  readonly count: number;
  readonly word: string;
  /** From how many. */
  readonly ways: number;
}

const room = ({ file }: Mutation) => `\`${roomOf(file)}\``;

/** The share if all that was cut off is what nobody notices: that takes longest. */
function atLeast(judged: readonly Judged[]): string {
  const reached = judged.filter(({ is }) => is !== 'not reached');
  return share(reached.filter(({ is }) => is === 'noticed').length, reached.length);
}

/** docs/mutation.md */
export const page = (judged: readonly Judged[], { count, word, ways }: Drawn) => `# Do the tests notice?

\`npm run mutate\` breaks the code on purpose, one small way at a time: a comparison turned, a condition made always true, a statement left
out, a pattern or a number changed. Then it runs the tests that go through the place, until one fails. What no test notices is either a
test that is missing, or a line that nobody needs, or makes no difference.

Of the ${ways.toLocaleString('en')} ways in these rooms, ${count} of each room were drawn by the word \`${word}\`. The word is a new one whenever this page is made anew: what one
sample shows is tested for afterwards, so the same would say nothing any more. These are the figures of the first time that this one was drawn. *Not reached* is what no test goes through in its own process: much
of it is only gone through by tests that start the whole program, where nothing can be broken for one test alone.

${table(judged, room)}
${judged.some(({ is }) => is === 'not done') ? `\nWhat is *not done* was cut off: no test had noticed it yet. If none did, it would be ${atLeast(judged)} of what is reached.\n` : ''}
## How it is done

The ways are [Stryker](https://stryker-mutator.io)'s (${STRYKER}; it is installed beside a copy of the project, and is no dependency). All that were drawn are
put into the code at once, switched off. Every test runs once with nothing broken, which says what it goes through. Then a test file is
loaded once and its tests run again and again, each time with another way switched on; what one test noticed is not tried with another.
After each that was noticed, the test must pass with nothing broken, and then fail again: so a test that fails now and then notices
nothing. Where it does not pass, does not end or its process dies, that must happen again in a fresh process. Only tests of the rooms, of what calls them, and the laws are run, none that takes more than
a few seconds where another goes through the place, and with one way as many as come to 40 seconds: those of its own room first, the quick before the slow. What only the others
would notice counts as not noticed.

It takes most of an hour, nearly all of it for measuring and for what nobody notices. Everything seen is written down line by line:
a run that was cut off goes on where it was, as long as neither code nor tests changed.

\`\`\`sh
npm run mutate -- 60 anotherword          # this page, made anew
npm run mutate -- 40 other core           # 40 ways of one room, drawn by another word
npm run mutate -- src/core/decide.ts      # every way in a file
npm run mutate -- missed                  # again what the last run missed
npm run mutate -- missed test/git/place.test.ts
\`\`\`

## What is not broken

Where a rule can tell that a change says nothing about the tests, it is not made:

${RULES.map(({ says }) => `- ${says}`).join('\n')}

## Not noticed

\`\`\`text
${judged
  .filter(({ is }) => is === 'missed')
  .map(told)
  .join('\n')}
\`\`\`
`;
