import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  again,
  BACKUPS,
  CONFIG,
  commandsOf,
  forTerminal,
  git,
  given,
  type Hint,
  hint,
  hintText,
  inAnyCase,
  inFolder,
  inTurn,
  overwinter,
  program,
  setting,
  shell,
  withChanges,
  withTexts,
} from '../../src/core/hint.ts';
import { hintIn } from '../../src/core/hint-in.ts';

test('a hint is words and commands', () => {
  expect(hint`Make it with ${overwinter('backup')}; ${git('log', '--', BACKUPS)} shows ${2} ${'more'}.`).toEqual([
    'Make it with ',
    { calls: [{ own: 'backup', args: [] }] },
    '; ',
    { calls: [{ program: 'git', args: ['log', '--', { backups: '' }] }] },
    ' shows 2 more.',
  ]);
  expect(hint`${overwinter('undo')}`).toEqual([overwinter('undo')]);
  expect(hint``).toEqual([]);
});

test('a hint in a hint is a part of it', () => {
  const inner = hint`First ${overwinter('init')}, then`;
  expect(hint`${inner} wait.`).toEqual(['First ', overwinter('init'), ', then wait.']);
});

test.each<[Hint, string, readonly string[]]>([
  [hint`Use letters, '.', '_' and '-'.`, "Use letters, '.', '_' and '-'.", []],
  [
    hint`See ${overwinter('restore', '--table', 'users', '--where', 'id = 42')}.`,
    `See 'overwinter restore --table users --where "id = 42"'.`,
    ['overwinter restore --table users --where "id = 42"'],
  ],
  [
    hint`${inTurn(program('rm', { backups: 'a.json' }), overwinter('backup'))} does it.`,
    "'rm backups/a.json && overwinter backup' does it.",
    ['rm backups/a.json && overwinter backup'],
  ],
  [hint`${inAnyCase(overwinter('undo'), git('gc'))}`, "'overwinter undo; git gc'", ['overwinter undo; git gc']],
  [hint`Put it into ${CONFIG}.`, 'Put it into overwinter.config.ts.', []],
  [hint`Then ${again('run it again')}.`, 'Then run it again.', []],
  [
    hint`On ${forTerminal(hint`the command line: ${overwinter('undo')}`, 'same')}.`,
    "On the command line: 'overwinter undo'.",
    ['overwinter undo'],
  ],
  [hint`${inFolder('a b', program('npx', 'husky'))}`, `'(cd "a b" && npx husky)'`, ['(cd "a b" && npx husky)']],
])('reads as a sentence: %j', (pieces, sentence, commands) => {
  expect(hintText(pieces)).toBe(sentence);
  expect(commandsOf(pieces)).toEqual(commands);
});

test.each([
  ['plain', 'plain'],
  ['data/app.db', 'data/app.db'],
  ['HEAD~1', 'HEAD~1'],
  ['größe.db', 'größe.db'],
  ['', '""'],
  ['two words', '"two words"'],
  ["it's", '"it\'s"'],
  ['say "yes"', '"say \\"yes\\""'],
  ['$HOME `id` \\', '"\\$HOME \\`id\\` \\\\"'],
  ['~/data', '"~/data"'],
  ['a;b', '"a;b"'],
  ['!/backups/', "'!/backups/'"],
  ["!it's", "'!it'\\''s'"],
  ['*.db', '"*.db"'],
])('%j is one word for a shell: %s', (word, typed) => {
  expect(commandsOf([program('echo', word)])).toEqual([`echo ${typed}`]);
  expect(commandsOf([shell`echo "$HOME" ${word}`])).toEqual([`echo "$HOME" ${typed}`]);
});

const words = fc.array(
  fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')),
  { minLength: 1 },
);

test.skipIf(process.platform === 'win32')('a shell reads what was meant, whatever a table or a file is called', () => {
  fc.assert(
    fc.property(words, (all) => {
      const [command = ''] = commandsOf([program('printf', '%s\\0', ...all)]);
      expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(all.map((each) => `${each}\0`).join(''));
    }),
    { numRuns: 50, examples: [[["'; touch x; '", '$(id)', '`id`', '!!', '\\', '"', '-n', '*', '~', 'a\nb']]] },
  );
});

test('calls are changed, and words stay as they are', () => {
  const pieces = hint`Edit 'keep' in ${CONFIG}, then ${overwinter('backup')} or ${forTerminal(hint`${git('gc')}`, 'same')}.`;
  const changed = withChanges(pieces, {
    call: (call) => ('own' in call ? { ...call, start: 'npx overwinter' } : call),
    configName: 'overwinter.config.json',
  });
  expect(hintText(changed)).toBe("Edit 'keep' in overwinter.config.json, then 'npx overwinter backup' or 'git gc'.");
  expect(withChanges(pieces, {})).toEqual(pieces);
});

test('settings are shown as the configuration is written', () => {
  const pieces = hint`Put ${setting({ exclude: { 'a b': 'rows', c: ["it's"] }, encrypt: false })} into ${CONFIG}.`;
  expect(hintText(pieces)).toBe(
    "Put exclude: { 'a b': 'rows', c: ['it\\'s'] }, encrypt: false into overwinter.config.ts.",
  );
  for (const configName of ['overwinter.config.json', '"overwinter" in package.json'])
    expect(hintText(withChanges(pieces, { configName }))).toBe(
      `Put "exclude": { "a b": "rows", "c": ["it's"] }, "encrypt": false into ${configName}.`,
    );
});

test('what hangs on the project is said as the project is', () => {
  const pieces = hint`${given('saved', hint`Restore with ${overwinter('restore')}`, ['Start the app'])}, or wait.`;
  expect(hintText(pieces)).toBe("Restore with 'overwinter restore', or wait.");
  expect(commandsOf(pieces)).toEqual(['overwinter restore']);
  expect(hintText(withChanges(pieces, { holds: () => true }))).toBe("Restore with 'overwinter restore', or wait.");
  const otherwise = withChanges(pieces, { holds: (circumstance) => circumstance !== 'saved' });
  expect(hintText(otherwise)).toBe('Start the app, or wait.');
  expect(commandsOf(otherwise)).toEqual([]);
});

test('every text in it can be changed', () => {
  const secret = 'word';
  const pieces = hint`${setting({ keep: { [secret]: [secret] } })} ${given('saved', [secret], [secret])} a ${secret} ${overwinter('list', '--db', secret)} ${program('ls', secret, { backups: secret })} ${shell`echo ${secret}`} ${{ configName: secret }} ${forTerminal([secret], 'nothing')}`;
  expect(JSON.stringify(withTexts(pieces, (text) => text.replaceAll(secret, '*')))).not.toContain(secret);
});

test('a hint that was kept is the same again', () => {
  const pieces = hint`${setting({ keep: { a: ['b', 1, null, true] } })} ${given('database', hint`${overwinter('undo')}`, [])} ${forTerminal(hint`Or ${overwinter('undo')}`, 'try again')} ${inTurn(git('add', BACKUPS), shell`echo $A`)} ${inAnyCase(overwinter('undo'))} in ${CONFIG}.`;
  expect(hintIn(JSON.parse(JSON.stringify(pieces)))).toEqual(pieces);
});

test.each([
  undefined,
  'a sentence',
  [1],
  [{ calls: [{ own: 'no-such-command', args: [] }] }],
  [{ calls: [{ own: 'undo', args: [1] }] }],
  [{ calls: [{ program: 'git', args: [{}] }] }],
  [{ calls: 'git push' }],
  [{ terminal: ['x'], panel: 'elsewhere' }],
  [{ settings: 'keep' }],
  [{ given: 'raining', so: ['x'], otherwise: ['y'] }],
  [{ given: 'saved', so: ['x'] }],
  [{}],
])('what is none is none: %j', (value) => {
  expect(hintIn(value)).toBeUndefined();
});
