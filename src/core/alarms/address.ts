import { nearest } from '../nearest.ts';

/** Where something secret stands: nowhere but in a variable, which an address names. */
export interface InVariable {
  readonly variable: string;
}

/** An address on the web: as it is, or in a variable. */
export type OnWeb = { readonly url: string } | InVariable;

/** Where alarms go. */
export type AlarmAddress =
  /** A monitor that raises an alarm when it hears nothing. */
  | { readonly kind: 'ping'; readonly to: OnWeb }
  | { readonly kind: 'webhook'; readonly to: OnWeb }
  | { readonly kind: 'ntfy'; readonly to: { readonly url: string } }
  /** Their addresses are secrets themselves: who knows one can write to the channel. */
  | { readonly kind: 'slack'; readonly to: InVariable }
  | { readonly kind: 'discord'; readonly to: InVariable }
  | { readonly kind: 'mailto'; readonly to: { readonly mailbox: string } };

export type AlarmKind = AlarmAddress['kind'];

/** How an address of each kind is written. */
export const ALARM_EXAMPLES: Readonly<Record<AlarmKind, string>> = {
  ping: 'https://hc-ping.com/…',
  ntfy: 'ntfy://ntfy.sh/your-topic',
  slack: 'slack:env:SLACK_WEBHOOK',
  discord: 'discord:env:DISCORD_WEBHOOK',
  webhook: 'webhook:https://example.org/alarms',
  mailto: 'mailto:you@example.org',
};

type Read = AlarmAddress | { readonly fault: string };

/** Reads an address. A fault is the end of a sentence, and repeats nothing of the address: somebody may have put a secret there. */
export function readAlarmAddress(address: string): Read {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9]*):(.*)$/is.exec(address) ?? [];
  switch (scheme.toLowerCase()) {
    case 'https':
    case 'http':
      return onWeb('ping', address);
    case 'ping':
    case 'webhook':
      return onWeb(scheme.toLowerCase() === 'ping' ? 'ping' : 'webhook', rest);
    case 'ntfy':
      return ntfy(rest);
    case 'slack':
      return inVariable('slack', rest);
    case 'discord':
      return inVariable('discord', rest);
    case 'mailto':
      return mailto(rest);
    default:
      return { fault: unknownKind(scheme) };
  }
}

/** Whether it raises an alarm itself when it hears nothing: then it must hear of every success. */
export const isMonitor = (address: string): boolean => /^(https?|ping):/i.test(address);

/** What people call it, and may be shown to everybody: who knows the whole of some of them can write there, or silence a monitor. */
export function alarmLabel(address: AlarmAddress): string {
  const { kind, to } = address;
  if ('variable' in to) return `${kind}:env:${to.variable}`;
  if ('mailbox' in to) return `mailto:${to.mailbox}`;
  const { protocol, host, pathname } = new URL(to.url);
  const path = pathname.slice(1);
  const shown = path === '' ? '' : `/${path.slice(0, 4)}${path.length > 4 ? '…' : ''}`;
  return kind === 'ntfy'
    ? `ntfy://${host}${shown}`
    : `${kind === 'webhook' ? 'webhook:' : ''}${protocol}//${host}${shown}`;
}

const VARIABLE = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;

function inVariable(kind: 'slack' | 'discord', rest: string): Read {
  const variable = VARIABLE.exec(rest)?.[1];
  if (variable !== undefined) return { kind, to: { variable } };
  return {
    fault: `must name a variable that holds the ${kind} address, which is a secret, as in '${ALARM_EXAMPLES[kind]}'`,
  };
}

function onWeb(kind: 'ping' | 'webhook', rest: string): Read {
  const variable = VARIABLE.exec(rest)?.[1];
  if (variable !== undefined) return { kind, to: { variable } };
  const fault = faultOfUrl(rest, `'${kind}:env:NAME'`);
  return fault === undefined ? { kind, to: { url: rest } } : { fault };
}

export const isLoopback = (hostname: string) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

const SECRET_WORD = /token|secret|passw|apikey|api_key|signature|^(?:key|auth|sig|pwd)$/i;
/** Addresses that are secrets as a whole. */
const SECRET_HOST = /^hooks\.slack\.com$|(?:^|\.)discord(?:app)?\.com$/i;

/** `instead` is how the same is written with a variable. */
function faultOfUrl(text: string, instead: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isPrivate(url)) return "must be an address that begins with 'https://'";
  if (url.username !== '' || url.password !== '')
    return `holds a password: put the whole address into a variable, and name it, as in ${instead}`;
  if ([...url.searchParams.keys()].some((key) => SECRET_WORD.test(key)) || SECRET_HOST.test(url.hostname))
    return `holds a secret: put the whole address into a variable, and name it, as in ${instead}`;
  return undefined;
}

/** Whether nobody on the way reads it. */
export const isPrivate = ({ protocol, hostname }: URL) =>
  protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));

function ntfy(rest: string): Read {
  const [, host = '', topic = ''] = /^\/\/([^/?#]+)\/([A-Za-z0-9_-]{1,64})$/.exec(rest) ?? [];
  const of = (protocol: string) => `${protocol}://${host}/${topic}`;
  const url = URL.canParse(of('http')) ? new URL(of('http')) : undefined;
  if (topic === '' || url === undefined)
    return { fault: `must name a server and a topic, as in '${ALARM_EXAMPLES.ntfy}'` };
  if (url.username !== '' || url.password !== '')
    return { fault: 'holds a password: a token belongs into the variable OVERWINTER_NTFY_TOKEN' };
  return { kind: 'ntfy', to: { url: of(isLoopback(url.hostname) ? 'http' : 'https') } };
}

function mailto(mailbox: string): Read {
  if (/^[^\s@,;<>()"\\:?&]{1,64}@[A-Za-z0-9.-]{1,255}$/.test(mailbox)) return { kind: 'mailto', to: { mailbox } };
  return {
    fault: `must name one mailbox, as in '${ALARM_EXAMPLES.mailto}'; the server belongs into OVERWINTER_SMTP_URL`,
  };
}

function unknownKind(scheme: string): string {
  const examples = Object.values(ALARM_EXAMPLES).join(', ');
  const meant = nearest(scheme, Object.keys(ALARM_EXAMPLES));
  const suggestion = meant === undefined ? '' : `; did you mean '${meant}:'?`;
  return `must be one of ${examples}${suggestion}`;
}
