import { expect, test } from 'vitest';
import { piecesOf, withCommands } from '../../src/core/hint.ts';

test('a hint is words and commands', () => {
  expect(piecesOf("Make it with 'overwinter backup'; 'git log -- backups' shows the rest.")).toEqual([
    { text: 'Make it with ' },
    { command: 'overwinter backup' },
    { text: '; ' },
    { command: 'git log -- backups' },
    { text: ' shows the rest.' },
  ]);
  expect(piecesOf("'overwinter undo'")).toEqual([{ command: 'overwinter undo' }]);
  expect(piecesOf('')).toEqual([]);
});

test.each([
  "Use letters, '.', '_' and '-'.",
  "Give createPanel() a 'token'.",
  "Say 'overwinter'.",
  "It's 'overwinter backup",
])('what is no command is words: %s', (hint) => {
  expect(piecesOf(hint)).toEqual([{ text: hint }]);
});

test('commands are changed, and words stay as they are', () => {
  const hint = "Edit 'keep', then 'overwinter backup' or 'npm install'.";
  expect(withCommands(hint, (command) => `${command} --x`)).toBe(
    "Edit 'keep', then 'overwinter backup --x' or 'npm install --x'.",
  );
  expect(withCommands(hint, (command) => command)).toBe(hint);
});
