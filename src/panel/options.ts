import { checkConfig } from '../core/check-config.ts';
import type { Config } from '../core/config.ts';
import { configInvalid, panelUnguarded } from '../core/problems/settings.ts';
import { type DatabaseInHand, type InHand, inHand } from '../project/database-in-hand.ts';
import { type Logger, printableLogger } from '../project/logger.ts';
import type { Texts } from './texts/english.ts';
import { isLanguage, LANGUAGES, type Language } from './texts/languages.ts';

/**
 * What somebody may: look at everything and download it, or change things too.
 * @example
 * ```ts
 * import type { Rights } from 'overwinter';
 * export const rightsOf = (isAdmin: boolean): Rights => (isAdmin ? 'write' : 'read');
 * ```
 */
export type Rights = 'read' | 'write';

/**
 * A caller's rights, and a name for the audit log.
 * @example
 * ```ts
 * import type { Verdict } from 'overwinter';
 * export const toLogin: Verdict = new Response(null, { status: 303, headers: { location: '/login' } });
 * ```
 */
export type Verdict = Rights | { readonly rights: Rights; readonly name: string } | Response | false | undefined;

/**
 * `context` is what the panel's `fetch` got beside the request; the Node adapter hands its own request on.
 * @example
 * ```ts
 * import type { Authorize } from 'overwinter';
 * export const authorize: Authorize = (request) => request.headers.get('x-role') === 'admin' && 'write';
 * ```
 */
export type Authorize = (request: Request, context: unknown) => Verdict | Promise<Verdict>;

/**
 * What a panel may be told: who may use it, where it is mounted, and any setting.
 * @example
 * ```ts
 * import type { PanelOptions } from 'overwinter';
 * export const options: PanelOptions = { token: 'at least twenty-four characters', basePath: '/admin/backups' };
 * ```
 */
export interface PanelOptions extends Omit<Config, 'db'> {
  /** The path or target of the database, or what is open of it. Default: the one of the project, or all, with a switch. */
  readonly db?: DatabaseInHand | undefined;
  /** Says what the caller may. Anything but rights is a no; a response, like a redirect to the login, is sent as it is. */
  readonly authorize?: Authorize | undefined;
  /** A secret that may do everything, as a password (any user name) or as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** A secret that may look and download. */
  readonly readToken?: string | undefined;
  /** Where the browser sees the panel: `/settings/backups`. The Node adapter under Express finds it by itself. */
  readonly basePath?: string;
  /** The address people type, where a proxy hides it from the app: `https://app.example.org`. */
  readonly origin?: string;
  /**
   * Closes what the app has open of the database, runs `work`, and opens it again. Without it the panel replaces no database. Where the
   * project has several, `name` says which one.
   */
  readonly withDatabaseClosed?: ((work: () => Promise<void>, name?: string) => Promise<void>) | undefined;
  /** The largest document that may be uploaded, in bytes. Default: 50 MB. */
  readonly largestUpload?: number;
  /** What the pages are written in, whatever the reader's browser asks for. Default: the one of these that it likes best, else English. */
  readonly language?: Language;
  /** Other words for some of the panel's, or what gives them, of the languages that the reader's browser asks for, liked best first. */
  readonly texts?: Partial<Texts> | ((languages: readonly string[]) => Partial<Texts>);
  /** Default: `console`. */
  readonly logger?: Logger;
}

export interface SettledPanel {
  readonly flags: Config;
  /** The database, where it was given; asking for it may take a query. */
  readonly db: InHand | undefined;
  readonly authorize: Authorize | undefined;
  readonly tokens: readonly (readonly [token: string, rights: Rights])[];
  readonly basePath: string;
  readonly host: string | undefined;
  readonly withDatabaseClosed: PanelOptions['withDatabaseClosed'];
  readonly largestUpload: number;
  readonly language: Language | undefined;
  readonly texts: NonNullable<PanelOptions['texts']>;
  readonly logger: Logger;
}

const CALL = 'createPanel()';
const WHERE = `the options of ${CALL}`;
const SHORTEST_TOKEN = 24;
const LARGEST_UPLOAD = 50 * 1000 * 1000;

/** Throws CONFIG_INVALID: for a panel that anybody could use above all. */
export function settlePanel(options: PanelOptions): SettledPanel {
  const {
    authorize,
    token,
    readToken,
    basePath = '',
    origin,
    withDatabaseClosed,
    largestUpload = LARGEST_UPLOAD,
    language,
    texts = {},
    logger = console,
    db,
    ...config
  } = options;
  if (language !== undefined && !isLanguage(language))
    throw configInvalid(
      WHERE,
      `has a 'language' that the panel does not speak: it is one of ${LANGUAGES.join(', ')}`,
    )();
  const flags = checkConfig(WHERE, config);
  if (flags.prepare !== undefined)
    throw configInvalid(
      WHERE,
      "has a 'prepare', which cannot reach another process: it belongs in overwinter.config.ts",
    )();
  const tokens: (readonly [string, Rights])[] = [];
  if (token !== undefined) tokens.push([token, 'write']);
  if (readToken !== undefined) tokens.push([readToken, 'read']);
  if (authorize === undefined && tokens.length === 0)
    throw panelUnguarded("it has neither an 'authorize' nor a 'token', so anybody could use it")();
  if (authorize !== undefined && typeof authorize !== 'function')
    throw panelUnguarded("its 'authorize' is no function")();
  if (tokens.some(([each]) => typeof each !== 'string' || each.length < SHORTEST_TOKEN))
    throw panelUnguarded(`its token has fewer than ${SHORTEST_TOKEN} characters, which can be guessed`)();
  if (token !== undefined && token === readToken) throw panelUnguarded('both of its tokens are the same')();
  if (basePath !== '' && !/^(\/[\w~.%-]+)+$/.test(basePath))
    throw configInvalid(WHERE, "has a 'basePath' that cannot be: it must look like '/settings/backups'")();
  if (origin !== undefined && !URL.canParse(origin))
    throw configInvalid(WHERE, "has an 'origin' that cannot be: it must look like 'https://app.example.org'")();
  return {
    flags,
    db: db === undefined ? undefined : inHand(db, CALL),
    authorize,
    tokens,
    basePath,
    host: origin === undefined ? undefined : new URL(origin).host,
    withDatabaseClosed,
    largestUpload,
    language,
    texts,
    logger: printableLogger(logger),
  };
}
