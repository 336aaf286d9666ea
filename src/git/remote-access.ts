import { devNull } from 'node:os';
import { hint } from '../core/hint.ts';
import { usage } from '../core/problems/usage.ts';
import { type Environment, foreignEnvironment } from './environment.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const EXAMPLE = hint`OVERWINTER_STORES='branch:backups?remote=https://github.com/you/app.git', with the token in OVERWINTER_GIT_TOKEN.`;

/**
 * The environment in which git knows the remote `origin` and opens it with a token. Only environments carry it: arguments are seen by
 * every user of the machine, files outlive the process. Throws USAGE for what would give the token away.
 */
export function remoteEnvironment(address: string, env: Environment): NodeJS.ProcessEnv {
  const { OVERWINTER_GIT_TOKEN: token, ...given } = env;
  const settings: readonly Setting[] = [
    ['remote.origin.url', address],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ...tokenSettings(address, token),
    ['core.hooksPath', devNull],
    ['core.fsmonitor', 'false'],
  ];
  return {
    ...foreignEnvironment(given),
    ...added(settings, env),
    GIT_LITERAL_PATHSPECS: '1',
    // An address may name a program that git would start (`ext::sh`): none but these is followed, whatever is configured.
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  };
}

/** The environment in which git opens a remote of the repository it works in with the token, where there is one. Throws USAGE as well. */
export function accessEnvironment(address: string | undefined, env: Environment): Environment {
  const { OVERWINTER_GIT_TOKEN: token, ...given } = env;
  const settings = address === undefined ? [] : tokenSettings(address, token);
  return settings.length === 0 ? given : { ...given, ...added(settings, env) };
}

type Setting = readonly [key: string, value: string];

function tokenSettings(address: string, token = ''): Setting[] {
  if (token === '' || !/^https?:/i.test(address)) return [];
  const header = `http.${originFor(address)}/.extraHeader`;
  return [
    // One that a checkout left behind would be sent beside ours, and hosts refuse two.
    [header, ''],
    [header, `Authorization: Basic ${basic(token)}`],
    // Git would take the header along to wherever it is sent.
    ['http.followRedirects', 'false'],
  ];
}

/** Whoever started us may have set some too: theirs stay. */
function added(settings: readonly Setting[], { GIT_CONFIG_COUNT }: Environment): Record<string, string> {
  const count = Number(GIT_CONFIG_COUNT ?? 0) || 0;
  const variables = settings.flatMap(([key, value], i): Setting[] => [
    [`GIT_CONFIG_KEY_${count + i}`, key],
    [`GIT_CONFIG_VALUE_${count + i}`, value],
  ]);
  return { ...Object.fromEntries(variables), GIT_CONFIG_COUNT: String(count + settings.length) };
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
