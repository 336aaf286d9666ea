export type Environment = Readonly<Record<string, string | undefined>>;

/** What a hook is told about the repository that is being committed, as `git rev-parse --local-env-vars` lists it. */
const LOCAL = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_IMPLICIT_WORK_TREE'],
  ...['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_SHALLOW_FILE', 'GIT_GRAFT_FILE'],
  ...['GIT_CONFIG', 'GIT_CONFIG_PARAMETERS', 'GIT_CONFIG_COUNT', 'GIT_NO_REPLACE_OBJECTS', 'GIT_REPLACE_REF_BASE'],
];

/** Paths would otherwise be patterns, and a backup may be called anything. */
export const PATTERNS = ['GIT_GLOB_PATHSPECS', 'GIT_NOGLOB_PATHSPECS', 'GIT_ICASE_PATHSPECS'];

/** The environment for any other repository than the one a hook runs for: else git would write into the wrong one. */
export function foreignEnvironment(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LOCAL.includes(name)));
}
