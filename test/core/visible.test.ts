import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownCode, markdownText } from '../../src/core/markdown.ts';
import { printable, printableJson, printableLine, visible } from '../../src/core/visible.ts';

describe('what is printed cannot command', () => {
  test.each([
    ['a colour', 'a\u001b[31mb', 'a<U+001B>[31mb'],
    ['a carriage return', 'safe\rgone', 'safe<U+000D>gone'],
    ['an eight-bit control', 'a\u009b2Jb', 'a<U+009B>2Jb'],
    ['a turned sentence', 'a\u202egpj.exe', 'a<U+202E>gpj.exe'],
    ['an isolate', '\u2066a\u2069', '<U+2066>a<U+2069>'],
    ['nothing to see', 'us\u200bers\u2060\ufeff', 'us<U+200B>ers<U+2060><U+FEFF>'],
    ['letters that are tags', 'a\u{e0041}', 'a<U+E0041>'],
    ['other ends of lines', 'a\u2028b\u0085c', 'a<U+2028>b<U+0085>c'],
  ])('%s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test.each(['äöü', 'שלום', '日本', '👩🏽‍💻 👨‍👩‍👧', 'a\tb\nc', "it's 100% <b>"])('%s stays', (text) => {
    expect(printable(text)).toBe(text);
  });

  test.each([
    ['::error::x', ':\\:error::x'],
    ['  ::add-mask::x', '  :\\:add-mask::x'],
    ['a\n::set-output name=x::y', 'a\n:\\:set-output name=x::y'],
    ['a ##[add-mask]b', 'a #\\#[add-mask]b'],
    ['###[group]', '##\\#[group]'],
    ['##vso[task.setvariable]x', '#\\#vso[task.setvariable]x'],
  ])('%j begins no command of a job', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('in one line there is one line', () => {
    expect(printableLine('a\n::error::b\tc\n')).toBe('a ⏎ ::error::b c');
  });

  test('whatever it is, it is no command, and twice is as once', () => {
    const odd = fc.constantFrom('\u001b[', '\u202e', '::', '##[', '\n', '\r', '\u2029', ' ', 'a', '#', ':', '\u200d');
    fc.assert(
      fc.property(
        fc.array(odd).map((pieces) => pieces.join('')),
        (text) => {
          const shown = printable(text);
          expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e\u2029]|\u200d|^\s*::|##\[/m);
          expect(printable(shown)).toBe(shown);
          expect(printableLine(text)).not.toContain('\n');
        },
      ),
    );
  });

  test('a document says the same', () => {
    const document = { '\u202e::a': ['##[b]', '\u001b[2J', '\u{e0041}', '::c'] };
    const text = printableJson(JSON.stringify(document, null, 2));
    expect(JSON.parse(text)).toEqual(document);
    expect(text).not.toMatch(/[\u007f-\u009f\u202e]|^\s*::|##\[/m);
  });
});

describe('in Markdown', () => {
  test.each([
    ['[a](http://b)', '\\[a\\]\\(http:<!-- -->//b\\)'],
    ['![x](y)', '\\!\\[x\\]\\(y\\)'],
    ['<img src=x>', '\\<img src=x\\>'],
    ['@everybody', '@<!-- -->everybody'],
    ['a\n# b', 'a \\# b'],
  ])('%j is prose', (text, shown) => {
    expect(markdownText(text)).toBe(shown);
  });

  test('a name ends no piece of code', () => {
    expect(markdownCode('a` [b](c)\n# d')).toBe("`a' [b](c) # d`");
  });
});
