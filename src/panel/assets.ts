import { createHash } from 'node:crypto';
import { html } from './html.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

const versionOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

export const STYLE_FILE = `style-${versionOf(STYLE)}.css`;
export const SCRIPT_FILE = `script-${versionOf(SCRIPT)}.js`;

const BRANCHES = 'M12 2v20M3.3 7l17.4 10M20.7 7 3.3 17M12 5.5 9.6 3.6M12 5.5l2.4-1.9M12 18.5l-2.4 1.9M12 18.5l2.4 1.9';

/** A snowflake. */
export const MARK = html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="${BRANCHES}"/></svg>`;

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#3a63b0" stroke-width="2" stroke-linecap="round"><path d="${BRANCHES}"/></svg>`;

/** The panel's own files by their names. */
export const ASSETS: Readonly<Record<string, readonly [text: string, type: string]>> = {
  [STYLE_FILE]: [STYLE, 'text/css; charset=utf-8'],
  [SCRIPT_FILE]: [SCRIPT, 'text/javascript; charset=utf-8'],
  'icon.svg': [ICON, 'image/svg+xml'],
};
