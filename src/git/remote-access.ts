import { usage } from '../core/problems/usage.ts';
import { type Environment, foreignEnvironment } from './place.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const EXAMPLE = "'OVERWINTER_REMOTE=https://github.com/you/app.git', with the token in OVERWINTER_GIT_TOKEN.";

/**
 * The environment in which git knows the remote `origin` and opens it with a token. Only environments carry it: arguments are seen by
 * every user of the machine, files outlive the process. Throws USAGE for what would give the token away.
 */
export function remoteEnvironment(address: string, env: Environment): NodeJS.ProcessEnv {
  const { OVERWINTER_GIT_TOKEN: token = '', ...given } = env;
  const settings: [string, string][] = [
    ['remote.origin.url', address],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
  ];
  if (token !== '' && /^https?:/i.test(address)) {
    settings.push([`http.${originFor(address)}/.extraHeader`, `Authorization: Basic ${basic(token)}`]);
    // Git would take the header along to wherever it is sent.
    settings.push(['http.followRedirects', 'false']);
  }
  // Whoever started the app may have set some too: theirs stay.
  const count = Number(env.GIT_CONFIG_COUNT ?? 0) || 0;
  const variables = settings.flatMap(([key, value], i): [string, string][] => [
    [`GIT_CONFIG_KEY_${count + i}`, key],
    [`GIT_CONFIG_VALUE_${count + i}`, value],
  ]);
  return {
    ...foreignEnvironment(given),
    ...Object.fromEntries(variables),
    GIT_CONFIG_COUNT: String(count + settings.length),
    GIT_LITERAL_PATHSPECS: '1',
  };
}

/** Hosts take any name with a token; where one wants its own, it stands before it: `name:token`. */
function basic(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw usage('OVERWINTER_GIT_TOKEN holds what cannot be sent, such as a space or a line end.', EXAMPLE)();
  return Buffer.from(token.includes(':') ? token : `x-access-token:${token}`).toString('base64');
}

function originFor(address: string): string {
  if (!URL.canParse(address)) throw usage('The remote is no address.', EXAMPLE)();
  const { protocol, hostname, origin } = new URL(address);
  if (protocol !== 'https:' && !LOOPBACK.test(hostname))
    throw usage('A token is only sent over https, or to this very machine.', EXAMPLE)();
  return origin;
}
