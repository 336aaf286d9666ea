/**
 * Makes a site of the README and the documents: a page each, as GitHub names its headings, with the pictures, and nothing that has to run in a browser.
 *   npm run site [FOLDER]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { marked } from 'marked';

const ROOT = resolve(import.meta.dirname, '..');

/** Every page of the documentation, by its path in the repository. */
export const sitePages = (): string[] =>
  execFileSync('git', ['ls-files', '--', '*.md'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /^(README|CONTRIBUTING|SECURITY|CHANGELOG)\.md$|^(docs|bench|examples)\/.*\.md$/.test(file));

/** Where a page lies in the site. The front page is the README. */
export const placeOf = (page: string): string =>
  page === 'README.md' ? 'index.html' : page.replace(/README\.md$/, 'index.html').replace(/\.md$/, '.html');

/** Writes the site into a folder. `source`: where the repository can be looked into, for what is no page. */
export function makeSite(target: string, source: string): void {
  const pages = new Set(sitePages());
  for (const page of pages) {
    const file = join(target, placeOf(page));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, documentOf(page, pages, source));
  }
  cpSync(join(ROOT, 'docs/pictures'), join(target, 'docs/pictures'), { recursive: true });
}

function documentOf(page: string, pages: ReadonlySet<string>, source: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const title = /^# (.*)$/m.exec(text)?.[1] ?? page;
  const up = relative(dirname(placeOf(page)), '.') || '.';
  const nav = [
    ['index.html', 'Overwinter'],
    ['docs/first-steps.html', 'First steps'],
    ['docs/index.html', 'Documentation'],
    ['docs/compared.html', 'Compared'],
    ['docs/faq.html', 'Questions'],
  ].map(([to, name]) => `<a href="${up}/${to}">${name}</a>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title === 'Overwinter' ? title : `${title} · Overwinter`)}</title>
<style>${STYLE}</style></head>
<body><nav>${nav.join('')}</nav><main>
${contentOf(text, page, pages, source)}</main></body></html>
`;
}

function contentOf(text: string, page: string, pages: ReadonlySet<string>, source: string): string {
  const html = marked.parse(text, { gfm: true, async: false });
  if (typeof html !== 'string') throw new Error('a page was not made at once');
  return (
    html
      .replace(
        /<h([1-6])>(.*?)<\/h\1>/g,
        (_, depth, words) => `<h${depth} id="${anchorOf(plain(words))}">${words}</h${depth}>`,
      )
      .replace(/<a href="([^"]*)"/g, (_, to) => `<a href="${escaped(addressOf(plain(to), page, pages, source))}"`)
      // A wide one scrolls by itself, and the page does not; a head without words is none.
      .replace(
        /<table>.*?<\/table>/gs,
        (table) => `<div class="wide">${table.replace(/<thead>(?:\s|<\/?(?:tr|th|thead)[^>]*>)*<\/thead>/, '')}</div>`,
      )
  );
}

const plain = (html: string) =>
  html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** A page of the site, or what lies in the repository alone. */
function addressOf(href: string, page: string, pages: ReadonlySet<string>, source: string): string {
  if (/^[a-z]+:|^#/.test(href)) return href;
  const [path = '', anchor] = href.split('#');
  const file = join(dirname(page), path);
  const end = anchor === undefined ? '' : `#${anchor}`;
  if (pages.has(file)) return relative(dirname(placeOf(page)), placeOf(file)) + end;
  return file.startsWith('docs/pictures/') ? href : `${source}/${file}${end}`;
}

/** As GitHub makes it, so that links lead to the same place in both. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const STYLE = `:root{color-scheme:light dark;--ink:#1b2127;--dim:#667080;--line:#d5dbe2;--back:#fff;--code:#f3f5f8;--link:#2c55a3}
@media(prefers-color-scheme:dark){:root{--ink:#e7ebef;--dim:#96a1ad;--line:#2d353e;--back:#14181d;--code:#1d232a;--link:#8fb2f0}}
body{margin:0;background:var(--back);color:var(--ink);font:17px/1.6 system-ui,sans-serif}main{max-width:46rem;margin:0 auto;padding:1rem 1.2rem 5rem}
nav{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;padding:.8rem 1.2rem;border-bottom:1px solid var(--line)}nav a{color:inherit;text-decoration:none}nav a:first-child{font-weight:700}
a{color:var(--link)}h1,h2,h3{line-height:1.25;margin:2em 0 .6em}h1{margin-top:1em}img{max-width:100%;height:auto}
code{font:.88em ui-monospace,Menlo,Consolas,monospace;background:var(--code);padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--code);padding:.9rem 1rem;border-radius:8px;overflow-x:auto}pre code{background:none;padding:0;overflow-wrap:normal}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.93em}td,th{border-top:1px solid var(--line);padding:.5em .8em .5em 0;text-align:left;vertical-align:top}th{color:var(--dim)}
blockquote{margin:1em 0;padding-left:1em;border-left:3px solid var(--line);color:var(--dim)}`;

if (process.argv[1] === import.meta.filename) {
  const { GITHUB_SERVER_URL = 'https://github.com', GITHUB_REPOSITORY, GITHUB_REF_NAME = 'main' } = process.env;
  const source =
    GITHUB_REPOSITORY === undefined ? '.' : `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/blob/${GITHUB_REF_NAME}`;
  makeSite(resolve(process.argv[2] ?? join(ROOT, 'site')), source);
}
