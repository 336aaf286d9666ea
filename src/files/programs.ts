import { delimiter, isAbsolute } from 'node:path';

/**
 * The environment to start a program in that is the machine's and not the project's. `npm run`, `npx` and husky put `node_modules/.bin`
 * before everything else, and a branch may bring a program called `git` or `cp` in there; neither is one to be found from wherever the
 * working folder is.
 */
export function toStartPrograms(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const name = Object.keys(env).find((each) => each.toUpperCase() === 'PATH');
  const path = name === undefined ? undefined : env[name];
  // Windows would look into the working folder before all others.
  const given: NodeJS.ProcessEnv = { ...env, NoDefaultCurrentDirectoryInExePath: '1' };
  if (name === undefined || path === undefined) return given;
  const folders = path.split(delimiter);
  return {
    ...given,
    [name]: folders.filter((folder) => isAbsolute(folder) && !IN_PROJECT.test(folder)).join(delimiter),
  };
}

const IN_PROJECT = /[\\/]node_modules([\\/]|$)/;
