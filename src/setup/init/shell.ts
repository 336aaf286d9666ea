import { RESYNC_MARKER } from '../../git/staging.ts';

/**
 * What hooks run. The compiled program is started by node itself, because npx takes ten times as long. Where it is not
 * installed (production, a fresh clone, a work tree without node_modules) nothing happens, in silence.
 */
export type HookVerb = 'pre-commit' | 'post-commit';

const MAIN = 'overwinter/dist/main.cjs';

/** What `hook` ends with when the project asked that a failed backup stop the commit. */
const STOP = 4;

/** Where git's configuration keeps the folder of the node that set the project up: a graphical client has no PATH. */
export const NODE_PATH_KEY = 'overwinter.nodepath';

const PLACES = [
  '/usr/local/bin',
  '/opt/homebrew/bin',
  '$HOME/.volta/bin',
  '$HOME/.asdf/shims',
  '$HOME/.local/share/mise/shims',
  '$HOME/.local/share/fnm/aliases/default/bin',
];

/** The folders, from the top, in which an app in `under` may find what it has installed. */
function moduleFolders(under: string): string[] {
  const steps = under === '' ? [] : under.split('/');
  return [...steps.map((_, i) => `${steps.slice(0, steps.length - i).join('/')}/node_modules`), 'node_modules'];
}

export const quoted = (word: string) => (/^[\w./@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The lines of a hook, safe under `sh -e` and `sh -u`. A hook's working folder is the top of the work tree. */
export function hookLines(verb: HookVerb, under: string): string[] {
  const run = [
    `for overwinter in ${moduleFolders(under).map(quoted).join(' ')}; do`,
    `  [ -f "$overwinter/${MAIN}" ] || continue`,
    '  (',
    `    overwinter=$PWD/$overwinter/${MAIN}`,
    ...(under === '' ? [] : [`    cd ${quoted(under)} 2>/dev/null || exit 0`]),
    // Appended, so that a PATH that works is kept as it is.
    `    command -v node >/dev/null || PATH="$PATH:$(git config ${NODE_PATH_KEY} || :):${PLACES.join(':')}"`,
    '    command -v node >/dev/null || exit 0',
    `    exec node "$overwinter" hook ${verb}`,
    `  ) || [ $? -ne ${STOP} ] || exit ${STOP}`,
    '  break',
    'done',
  ];
  if (verb === 'pre-commit')
    return ['# Saves the database into this commit; does nothing where overwinter is not installed.', ...run];
  return [
    "# Tidies what 'git commit -- path' leaves; after other commits there is nothing to do.",
    `if [ -e "$(git rev-parse --git-dir)/${RESYNC_MARKER}" ]; then`,
    ...run.map((line) => `  ${line}`),
    'fi',
  ];
}

/** The same where only one line fits. */
export function hookCommand(verb: HookVerb, under: string): string {
  const up = under === '' ? '' : under.replace(/[^/]+/g, '..').concat('/');
  const candidates = moduleFolders('').concat(under === '' ? [] : [`${up}node_modules`]);
  const [first, second] = candidates.map((folder) => `${folder}/${MAIN}`);
  const find = second === undefined ? '' : `[ -f $m ] || m=${second}; `;
  const go = under === '' ? '' : `cd ${quoted(under)} && `;
  const run = `[ ! -f $m ] || ! command -v node >/dev/null || node $m hook ${verb} || [ $? -ne ${STOP} ]`;
  return `(${go}m=${first}; ${find}${run})`;
}

/** What git runs to merge two pointers: the program nearest to the file. Without one, ours stays, and nothing is lost. */
export function mergeCommand(nodeFolder: string): string {
  const up = `while [ ! -f "$d/node_modules/${MAIN}" ] && [ "$d" != . ]; do d=$(dirname "$d"); done`;
  const run = `PATH="$PATH:${nodeFolder}" node "$d/node_modules/${MAIN}" merge-driver %O %A %B`;
  return `d=$(dirname %P); ${up}; [ ! -f "$d/node_modules/${MAIN}" ] || ${run} || true`;
}
