/**
 * Whether a column's name says that it holds a credential: something that lets whoever reads it in. What merely speaks of one
 * (`token_count`, `password_changed_at`) does not, because a column that is left out wrongly is data that no backup has.
 */
export function looksLikeCredential(column: string, about: { readonly table?: string; readonly type?: string } = {}) {
  const words = wordsOf(column);
  if (NUMBER_TYPE.test(about.type ?? '')) return words.some((word) => word === 'pin' || NUMERIC.test(word));
  const [first = '', last = ''] = [words[0], words.at(-1)];
  if (QUESTION.test(first)) return false;
  if (words.length > 1 && ABOUT.has(last)) return words.slice(-2).join(' ') === 'session id';
  const table = wordsOf(about.table ?? '').join('_');
  if (words.length === 1 && (isBare(last, table) || GLUED.test(last))) return true;
  return words.some((word, at) => isSecretWord(word, words[at - 1], words[at + 1]));
}

/** A number is hardly ever a credential; these few are. */
const NUMBER_TYPE = /INT|REAL|FLOA|DOUB|NUM|DEC|BOOL|DATE|TIME/i;
const NUMERIC = /^(password|passcode|passwd|pwd|otp|totp|cvv|cvc)$/;

const list = (words: string) => new Set(words.trim().split(/\s+/));

/** Words at the beginning that make a question, a count or a bound of what follows. */
const QUESTION =
  /^(is|has|had|can|needs?|must|should|requires?|allows?|use|uses|num|number|n|nb|total|max|min|avg|average|prompt|completion|input|output|cached)$/;

/** Words at the end that make it something about a credential, not the credential. */
const ABOUT = list(`
  at on date time datetime timestamp until since day days hour hours minutes seconds ago ttl age
  count counts number total max min limit limits quota used usage usages uses left remaining attempts tries retries
  expires expiry expiration expired valid validity status state flag enabled disabled required requested set confirmed verified
  changed change updated created rotated revoked forced reset type types kind version length len size strength policy rule rules
  algorithm algo method provider issuer scope scopes label title description name names note notes color colour
  id ids index position symbol supply decimals contract price cost balance per rate tags tag`);

/** Words that say it wherever they stand. */
const SECRET = list(`
  password passwords passwd pwd passphrase passcode passwort kennwort contrasena senha wachtwoord losenord adgangskode passord
  salasana haslo heslo jelszo sifre mdp motdepasse parol пароль 密码 密碼 パスワード 비밀번호
  secrets credential credentials otp totp hotp cvv cvc mnemonic bearer apikey apikeys privatekey connectionstring`);

/** Words that say it after one of these: `api_key`, `reset_digest`, `recovery_code`. */
const AFTER: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    key: list(
      'api secret private access encryption decryption signing sign auth session license licence master ssh gpg pgp service account webhook recovery client app admin bot user security hmac aes rsa jwt crypto cipher cle schlussel',
    ),
    keys: list('api secret private access encryption signing auth ssh recovery backup security'),
    code: list('recovery backup verification otp auth login reset security access activation authorization mfa 2fa'),
    codes: list('recovery backup verification otp scratch mfa 2fa'),
    digest: list('password reset remember activation confirmation auth token login api'),
    phrase: list('seed recovery pass backup secret'),
    pass: list('user db database smtp ftp imap login admin email mail root proxy http basic'),
    pin: list('user card login access security unlock account door sim'),
    salt: list('password pass pwd hash user auth login crypto encryption key'),
    answer: list('security secret'),
    link: list('magic'),
    string: list('connection conn'),
    cookie: list('session auth login'),
    data: list('session'),
    passe: list('de'),
  }),
);

/** Hashes of content and not of people: the file's, the commit's, the block's. */
const CONTENT = list(`
  file files content contents commit block tx transaction image img git blur geo perceptual body data row record schema migration
  parent tree prev previous next url uri path query source asset page checksum build version media photo picture avatar video audio
  document doc chunk text object blob merkle state root layer module package bundle cache etag html css js json diff patch message`);

function isSecretWord(word: string, before: string | undefined, after: string | undefined): boolean {
  if (SECRET.has(word)) return true;
  if (word === 'token' || word === 'tokens') return after === undefined || ['hash', 'value', 'secret'].includes(after);
  if (word === 'secret') return after === undefined || SECRET_GOES_ON.has(after);
  if (word === 'hash') return before !== undefined && after === undefined && !CONTENT.has(before);
  if (word === 'session') return after !== undefined && ['cookie', 'hash'].includes(after);
  if (word === 'pin') return after === 'hash' || (before !== undefined && AFTER.get('pin')?.has(before) === true);
  return before !== undefined && AFTER.get(word)?.has(before) === true;
}

const SECRET_GOES_ON = list('key keys access token hash value answer code phrase password');

/** Words that say it where they are the whole name, and of which tables. */
function isBare(word: string, table: string): boolean {
  if (
    [
      'token',
      'tokens',
      'secret',
      'pass',
      'pin',
      'salt',
      'session',
      'cookie',
      'cookies',
      'auth',
      'authorization',
    ].includes(word)
  )
    return true;
  if (word === 'hash') return !CONTENT_TABLE.test(table);
  return (word === 'sid' || word === 'sess') && /session/.test(table);
}

const CONTENT_TABLE =
  /file|blob|object|commit|block|transaction|image|photo|asset|media|document|page|chunk|migration|cache|upload|attachment|artifact|version|article|post|message|download|snapshot|backup/;

/** Names written in one go: `passwordhash`, `APIKEY`, `accesstoken`. */
const GLUED = new RegExp(
  `(?:${[
    '(?:password|passwd|passphrase|passcode|passwort|kennwort|contrasena|wachtwoord|motdepasse)(?:hash|digest|salt|enc|encrypted)?$',
    '(?:api|secret|private|access|encryption|signing|auth|session|license|master|service)keys?$',
    '(?:access|refresh|auth|api|reset|session|bearer|csrf|id|push|device|remember|verification|oauth|user)tokens?$',
    '(?:client|api|app|shared|webhook|totp|otp|mfa)secret$',
    '^(?:pwd|pw|pass|user|auth|login)(?:hash|salt)$',
    '^session(?:id|key|data)$',
  ].join('|')})`,
);

/** `userAPIKey`, `user_api_key`, `USER-API-KEY`: the words of a name, small and without accents. */
function wordsOf(name: string): string[] {
  // Most names are as plain as this, and Node takes a while over its tables of all letters.
  if (/^[a-z_]+$/.test(name)) return name.split('_').filter((word) => word !== '');
  return name
    .normalize('NFKD')
    .replace(/\p{Diacritic}/gu, '')
    .normalize('NFC')
    .replaceAll('ı', 'i')
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.replace(/(\p{L})\d+$/u, '$1'))
    .filter((word) => word !== '');
}
