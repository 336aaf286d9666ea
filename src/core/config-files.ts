/** Where a configuration may be, in a project's root: the first that is there is read. */
export const CONFIG_FILES = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'].map((end) => `overwinter.config.${end}`);
