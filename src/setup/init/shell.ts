import { RESYNC_MARKER } from '../../git/staging.ts';

/**
 * What hooks run. The compiled program is started by node itself, because npx takes ten times as long. Where it is not
 * installed (production, a fresh clone, a work tree without node_modules) nothing happens, in silence.
 */
export type HookVerb = 'pre-commit' | 'post-commit';

export const MAIN = 'overwinter/dist/main.cjs';

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

/** What git tracks came with a branch, and is not ours to run. Where git does not answer, it may be so. */
const listTracked = (folder: string, from = '') =>
  `$( (unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE; ${from}git ls-files -- ":(icase)${folder}") || echo unknown)`;

const NOT_RUN =
  "so nothing in it is run ('git ls-files node_modules' shows them). The commit goes on without a backup.";

/** The lines of a hook, safe under `sh -e` and `sh -u`. A hook's working folder is the top of the work tree. */
export function hookLines(verb: HookVerb, under: string): string[] {
  const run = [
    `for overwinter in ${moduleFolders(under).map(quoted).join(' ')}; do`,
    `  [ -f "$overwinter/${MAIN}" ] || continue`,
    '  (',
    // husky and npm put a folder first that a branch may bring programs in: sh, git and node are none of those.
    '    set -f; IFS=:; path=',
    "    for folder in $PATH; do case $folder in */node_modules/*|[!/]*|'') ;; *) path=$path:$folder ;; esac; done",
    `    PATH=\${path#:}; unset IFS`,
    `    if [ -n "${listTracked('$overwinter')}" ]; then`,
    `      echo "overwinter: git tracks files in $overwinter, ${NOT_RUN}" >&2`,
    '      exit 0',
    '    fi',
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
  const tracked = `{ [ -n "${listTracked(`\${m%/overwinter/*}`)}" ] && echo "overwinter: git tracks $m: it is not run" >&2; }`;
  const run = `[ ! -f $m ] || ! command -v node >/dev/null || ${tracked} || node $m hook ${verb} || [ $? -ne ${STOP} ]`;
  return `(${go}m=${first}; ${find}${run})`;
}

/** The program that merges: where it is, and the top of the work tree it lies in, if it lies in one. */
export interface MergeProgram {
  readonly file: string;
  readonly top: string | undefined;
}

/**
 * What git runs to merge two pointers: this very program, and no other that a branch may have put nearer. Without it, or where git tracks
 * it by now, ours stays, and nothing is lost.
 */
export function mergeCommand(program: MergeProgram | undefined, nodeFolder: string): string {
  if (program === undefined) return 'true';
  const { file, top } = program;
  const inTop = top === undefined ? undefined : file.slice(top.length + 1);
  const folder = inTop?.replace(/(^|\/)node_modules\/.*/, '$1node_modules').replace(/\/dist\/main\.cjs$/, '');
  const tracked =
    top === undefined || folder === undefined ? '' : `[ -n "${listTracked(folder, `cd ${quoted(top)} && `)}" ] || `;
  const run = `PATH=${quoted(nodeFolder)}:"$PATH" node "$m" merge-driver`;
  return `m=${quoted(file)}; [ ! -f "$m" ] || ${tracked}${run}`.replaceAll('%', '%%').concat(' %O %A %B || true');
}

/** The program that a command of ours runs. */
export const programIn = (command: string | undefined): string | undefined => {
  const [, bare, word] = /^m=(?:([\w./@-]+)|'((?:[^']|'\\'')*)'); \[/.exec(command?.replaceAll('%%', '%') ?? '') ?? [];
  return bare ?? word?.replaceAll("'\\''", "'");
};
