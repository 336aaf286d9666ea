import { MARK, SCRIPT_FILE, STYLE_FILE } from './assets.ts';
import type { Format } from './format.ts';
import { html, type Markup, type Piece } from './html.ts';
import type { Job } from './jobs.ts';
import type { Rights } from './options.ts';
import type { Texts } from './texts/english.ts';

/** What every page knows: its words, where the panel is, and who looks at it. */
export interface View {
  readonly t: Texts;
  readonly format: Format;
  /** The address of a page, or of something else, of the panel. */
  at(...path: readonly string[]): string;
  /** What starts Overwinter in a terminal, in this project. */
  readonly program: string;
  readonly rights: Rights | undefined;
  readonly mayReplace: boolean;
  /** All databases of the project, where there are several. */
  readonly databases: readonly { readonly name: string; readonly href: string; readonly isThis: boolean }[];
  /** What is being done right now, in this tab or another. */
  readonly running: Job | undefined;
}

export type Section = 'now' | 'timeline' | 'browse' | 'restore';

const SECTIONS: readonly (readonly [Section, string])[] = [
  ['now', ''],
  ['timeline', 'timeline'],
  ['browse', 'browse'],
  ['restore', 'restore'],
];

export interface Page {
  readonly title: string;
  readonly section?: Section | undefined;
  readonly body: Piece;
  /** A page that changes by itself: without JavaScript the browser asks for it again. */
  readonly refreshes?: boolean;
}

export function layout(view: View, { title, section, body, refreshes }: Page): Markup {
  const { t, at, rights } = view;
  const database = rights === undefined ? undefined : view.databases.find(({ isThis }) => isThis);
  return html`<html lang="${t.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} &middot; ${database !== undefined && html`${database.name} &middot; `}${t.title}</title>
<link rel="icon" href="${at('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${at(STYLE_FILE)}">
<script src="${at(SCRIPT_FILE)}" defer></script>
${refreshes === true && html`<noscript><meta http-equiv="refresh" content="2"></noscript>`}
</head>
<body>
<a class="skip" href="#content">${t.skip}</a>
<header class="top">
<div class="bar">
<a class="brand" href="${at('')}">${MARK}<span>${t.title}</span></a>
${database !== undefined && databaseSwitch(view)}
${rights !== undefined && navigation(view, section)}
</div>
</header>
<main id="content" tabindex="-1">
${rights === 'read' && html`<p class="hint quiet">${t.readOnly}</p>`}
${rights !== undefined && view.running !== undefined && refreshes !== true && html`<p class="notice busy">${t.atWork(t.jobs[view.running.order.name])} <a href="${at('jobs', view.running.id)}">${t.seeIt}</a></p>`}
${body}
</main>
</body>
</html>
`;
}

function databaseSwitch({ t, databases }: View): Markup {
  const links = databases.map(({ name, href, isThis }) => {
    const current = isThis ? html` aria-current="true"` : '';
    return html`<li><a href="${href}"${current}>${name}</a></li>`;
  });
  return html`<nav class="databases" aria-label="${t.databases}"><ul>${links}</ul></nav>`;
}

function navigation({ t, at, rights }: View, section: Section | undefined): Markup {
  const links = SECTIONS.filter(([name]) => name !== 'restore' || rights === 'write').map(([name, path]) => {
    const current = name === section ? html` aria-current="page"` : '';
    return html`<li><a href="${at(path)}"${current}>${t[name]}</a></li>`;
  });
  return html`<nav aria-label="${t.navigation}"><ul>${links}</ul></nav>`;
}

/** What a backup may be called, as a form checks it. */
export const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9._\\-]*';

/** A time: exact for whoever points at it, and for machines. Where there is JavaScript, it says it in the reader's own zone. */
export function time(
  { format }: Pick<View, 'format'>,
  iso: string,
  as: 'age' | 'clock' | 'day' | 'moment' | 'since' = 'age',
): Markup {
  return html`<time datetime="${iso}" title="${format.moment(iso)}" data-as="${as}">${format[as](iso)}</time>`;
}

/** A table that may be wider than the window, and is reached by keyboard then. */
export function scrolling(label: string, table: Piece): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}

/** A form of one button. Nothing but POST changes anything. */
export function button(
  action: string,
  words: string,
  kind: 'primary' | 'plain' | 'danger' = 'plain',
  fields: Readonly<Record<string, string>> = {},
): Markup {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="${action}">${hidden}<button class="${kind}">${words}</button></form>`;
}
