import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPanel } from '../../src/panel/create-panel.ts';
import { english } from '../../src/panel/texts/english.ts';
import { german } from '../../src/panel/texts/german.ts';
import { BASE, basic, HOST, READ, type Stage, stage, WRITE } from './support.ts';

const PANEL = join(import.meta.dirname, '../../src/panel');
/** No words of any language. */
const NO_WORDS = ['UTC', 'NULL', 'Overwinter'];

describe('every word on a page is one of the texts', () => {
  const sources = readdirSync(PANEL, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^[^/]+\.ts$|^pages\//.test(name),
  );

  test.each(sources)('in %s', (name) => {
    expect(literalsIn(readFileSync(join(PANEL, name), 'utf8'))).toEqual([]);
  });

  test('and one that is not would be found', () => {
    const source =
      'const a = html`<p class="soft">#{b !== undefined && html`<b>Saved</b>`} #{`x`} now</p><i title="Go">`;';
    expect(literalsIn(source.replaceAll('#', '$')).sort()).toEqual(['Go', 'Saved', 'now']);
    expect(literalsIn('html`<p>#{t.go} &middot; #{format.number(1)} UTC</p>`'.replaceAll('#', '$'))).toEqual([]);
  });
});

/** What stands in the markup of a source for people to read. */
function literalsIn(source: string): string[] {
  const found: string[] = [];
  for (const { index } of source.matchAll(/(?<![\w.])html`/g)) {
    const markup = staticPart(source, index + 'html`'.length);
    // What begins so, and has no tag, is put into one.
    const isAttribute = /^ [^<]*$/.test(markup);
    const shown = isAttribute ? '' : markup.replace(/<[^>]*>/g, ' ').replace(/&\w+;/g, ' ');
    const said = [...markup.matchAll(/ (?:aria-label|title|alt|placeholder|content)="([^"]*)"/g)].map(
      ([, text]) => text ?? '',
    );
    const readByPeople = [shown, ...said.filter((text) => !/^(width=|light dark|no-?\w+$|\d)/.test(text))];
    found.push(
      ...readByPeople.flatMap((text) => text.match(/\p{L}{2,}/gu) ?? []).filter((word) => !NO_WORDS.includes(word)),
    );
  }
  return found;
}

/** A template without what is put into it. */
function staticPart(source: string, from: number): string {
  let text = '';
  for (let at = from; at < source.length; at++) {
    if (source[at] === '`') return text;
    if (source[at] === '\\') at++;
    else if (source.startsWith('${', at)) at = endOfHole(source, at + 2);
    else text += source[at];
  }
  return text;
}

/** Where `}` ends what is put into a template. */
function endOfHole(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (source[at] === "'") at = source.indexOf("'", at + 1);
    else if (source[at] === '`') at = endOfTemplate(source, at + 1);
    else if (source[at] === '{') depth++;
    else if (source[at] === '}' && depth-- === 0) return at;
  }
  return source.length;
}

function endOfTemplate(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    if (source[at] === '`') return at;
    if (source[at] === '\\') at++;
    else if (source.startsWith('${', at)) at = endOfHole(source, at + 2);
  }
  return source.length;
}

const seenIn = async ({ panel }: Stage, language: string, path = '') => {
  const headers = { ...basic(WRITE), 'accept-language': language };
  return (await panel.fetch(new Request(`http://${HOST}${BASE}/${path}`, { headers }))).text();
};

test('pages are in the language that the reader likes best, of those that there are', async () => {
  const app = stage();
  app.backup('one');
  for (const [asked, lang] of [
    ['de-CH,fr;q=0.9,en;q=0.5', 'de'],
    ['fr, de;q=0.3, en;q=0.2', 'de'],
    ['fr, en;q=0.3, de;q=0.2', 'en'],
    ['fr', 'en'],
    ['', 'en'],
  ] as const)
    expect(await seenIn(app, asked), asked).toContain(`<html lang="${lang}">`);
  const page = await seenIn(app, 'de-DE');
  for (const words of [
    '>Verlauf</a>',
    'Wie weit die Daten gekommen sind',
    'Die Backups liegen in keinem git-Repository',
    'Jetzt sichern',
  ])
    expect(page).toContain(words);
  expect(page).toMatch(/<dd>\d+,\d KB<\/dd>/);
  expect(await seenIn(app, 'de', 'nothing')).toContain('Hier ist nichts');
});

test('no page says in German what is said in English', async () => {
  const app = stage();
  app.backup('one');
  app.query((db) => db.exec("INSERT INTO users(name) VALUES ('dee')"));
  app.backup('two');
  const { job } = await app.done('compare', { of: 'one' });
  await app.done('snapshots', { label: 'x' });
  const only = new Set(sentencesOf(english));
  for (const same of sentencesOf(german)) only.delete(same);
  const pages = [
    '',
    'timeline',
    'browse',
    'backups/one',
    'backups/one/rows?table=users',
    'backups/one/row?table=users&number=0',
    'backups/one/restore',
    'backups/one/delete',
    'restore',
    `jobs/${job}`,
  ];
  for (const path of pages) {
    const page = await seenIn(app, 'de', path);
    expect(page.length, path).toBeGreaterThan(1000);
    const shown = new Set(page.split(/<[^>]*>|aria-label="|"/).map((text) => text.trim()));
    expect(
      [...only].filter((text) => shown.has(text)),
      path,
    ).toEqual([]);
  }
});

/** Every text that is no function, wherever it stands. */
const sentencesOf = (texts: object): string[] =>
  Object.values(texts).flatMap((each: unknown) => {
    if (typeof each === 'string') return [each];
    return typeof each === 'object' && each !== null ? sentencesOf(each) : [];
  });

test('what failed is said in the language of the reader, and in English what only the library knows', async () => {
  const app = stage();
  app.backup('one');
  app.query((db) => db.exec('DELETE FROM users; DELETE FROM notes'));
  const { job } = await app.done('backup');
  const inGerman = await seenIn(app, 'de', `jobs/${job}`);
  expect(inGerman).toMatch(/role="alert">In der Datenbank ist nichts mehr[^<]* <span lang="en">[^<]+\.<\/span><\/p>/);
  const inEnglish = await seenIn(app, 'en', `jobs/${job}`);
  expect(inEnglish).toMatch(/role="alert">[^<]+\.<\/p>/);
  expect(await seenIn(app, 'de', 'backups/nothing')).toMatch(
    /<p>Dieses Backup gibt es nicht\. <span lang="en">[^<]*nothing[^<]*<\/span>/,
  );
});

test('the language can be fixed, and one that it does not speak is refused', async () => {
  const app = stage({ language: 'de' });
  expect(await seenIn(app, 'en')).toContain('<html lang="de">');
  const changed = stage({ language: 'de', texts: { now: 'Heute' } });
  expect(await seenIn(changed, 'en')).toMatch(/>Heute<[\s\S]*>Verlauf</);
  const unspoken: object = { token: READ, language: 'xx' };
  expect(() => createPanel(unspoken)).toThrow(/'language' that the panel does not speak: it is one of en, de/);
});

test('numbers in sentences are written as the language does', () => {
  expect([english.rowsCount(1234567), german.rowsCount(1234567)]).toEqual(['1,234,567 rows', '1.234.567 Zeilen']);
  expect([german.rowsCount(1), german.filesCount(2)]).toEqual(['1 Zeile', '2 Dateien']);
});
