/**
 * Marks that nothing but a secret bears: one such value tells, wherever it stands. Each begins with something fixed and repeats within
 * bounds, so that a long value is looked through in time by its length.
 */
const KEYS: readonly RegExp[] = [
  // Private keys
  /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY/,
  /---- BEGIN SSH2 ENCRYPTED PRIVATE KEY/,
  /PuTTY-User-Key-File-\d/,
  /LS0tLS1CRUdJTi(?!BDRVJU|BQVUJM)/, // the same in base64, but for certificates and public keys
  /\bAGE-SECRET-KEY-(PQ-)?1[A-Z0-9]{50}/i,
  /\bPrivateKey\s{0,3}=\s{0,3}[A-Za-z0-9+/]{43}=/,
  /\bnsec1[a-z0-9]{58}/,
  /\b[xyz]prv[A-Za-z0-9]{100}/,
  /"d"\s{0,3}:\s{0,3}"[\w-]{40}/, // a private key as JSON
  // Clouds
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bAIza[\w-]{35}/,
  /\bya29\.[\w-]{20}/,
  /\bGOCSPX-[\w-]{20}/,
  /"type"\s{0,3}:\s{0,3}"(service_account|authorized_user)"/,
  /\b(Account|SharedAccess)Key=[A-Za-z0-9+/]{30}/i,
  /\bSharedAccessSignature\b.{0,200}sig=/,
  /[?&](sig|signature|X-Amz-Signature|X-Goog-Signature)=[\w%+/=-]{20}/i,
  /\b[\w~.-]{3}\dQ~[\w~.-]{31}/,
  /\bdop_v1_[0-9a-f]{40}/,
  /\bdapi[0-9a-f]{32}/,
  /\b(hvs|hvb)\.[\w-]{20}/,
  /\btskey-[a-z]{2,12}-[\w-]{10}/,
  // Where code and packages live
  /\bgh[pousr]_[A-Za-z0-9]{30}/,
  /\bgithub_pat_\w{20}/,
  /\bgl(pat|dt|rt|ptt|oas|soat|ft|imt|agent|cbt)-[\w-]{20}/,
  /\bnpm_[A-Za-z0-9]{36}/,
  /\bpypi-AgE[\w-]{30}/,
  /\brubygems_[0-9a-f]{40}/,
  /\bdckr_pat_[\w-]{20}/,
  /\bATATT3[\w=-]{30}/,
  /\bsntry[su]_[\w=+/-]{30}/,
  /\bgl(c|sa)_[A-Za-z0-9+/=_]{30}/,
  // Payments, mail and messages
  /\b[sr]k_(live|test)_[A-Za-z0-9]{10}/,
  /\bwhsec_[\w+/]{16}/,
  /\bsq0(atp|csp)-[\w-]{20}/,
  /\bshp(at|ca|pa|ss)_[0-9a-f]{32}/i,
  /\baccess_token\$(production|sandbox)\$/,
  /\bSG\.[\w-]{16,80}\.[\w-]{16}/,
  /\bkey-[0-9a-f]{32}\b/,
  /\b[0-9a-f]{32}-us\d{1,2}\b/,
  /\bxkeysib-[0-9a-f]{40}/,
  /\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{16}/,
  /\bxox[abceoprs]-[A-Za-z0-9-]{10}/,
  /\bxapp-\d-[A-Z0-9]{8}/,
  /\bSK[0-9a-f]{32}\b/,
  /(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![\w-])/, // a bot of Telegram's
  /\b[MNO][A-Za-z0-9_-]{23,27}\.[\w-]{6}\.[\w-]{27}/, // a bot of Discord's
  /\bEAA[A-Za-z0-9]{80}/,
  // Models and others
  /\bsk-[A-Za-z0-9_-]{20}/,
  /\b(gsk|hf|fw|r8|pplx|xai|nvapi|csk|lsv2_pt|lsv2_sk|tvly|fc)[_-][A-Za-z0-9_-]{30}/,
  /\b(lin_api|ntn|secret|figd|sbp|sb_secret|phx|vercel|fo1|pat|cal_live|rnd|ops)_[A-Za-z0-9_-]{30}/,
  /\bPMAK-[0-9a-f]{20}/,
  /\bNRAK-[A-Z0-9]{20}/,
  /\bpat[A-Za-z0-9]{14}\.[0-9a-f]{40}/,
  // Addresses that let in
  /\bhooks\.slack(-gov)?\.com\/(services|workflows|triggers)\/\w/,
  /\bdiscord(app)?\.com\/api\/(v\d{1,2}\/)?webhooks\/\d{5,25}\/[\w-]{20}/,
  /\.webhook\.office\.com\/webhookb2\/|\boutlook\.office(365)?\.com\/webhook\//,
  /\bchat\.googleapis\.com\/v1\/spaces\/[^\s?]{1,100}\/messages\?/,
  /\bhooks\.zapier\.com\/hooks\/catch\/\d|\bhook\.[a-z0-9.]{0,20}make\.com\/\w{20}|\bmaker\.ifttt\.com\/trigger\/[^\s/]{1,100}\/(json\/)?with\/key\//,
  /\bapi\.telegram\.org\/bot\d/,
  /\/hooks\/[a-z0-9]{26}\b/,
  /:\/\/[^\s:/@"'<>]{0,200}:[^\s/@"'<>]{1,200}@/, // an address with a password
  /\botpauth:\/\/[ht]otp\//,
  /\botpauth-migration:\/\//,
  // What says who somebody is
  /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/,
  /\b(Bearer|Basic)\s[A-Za-z0-9+/_=.-]{20}/,
  /\bphpsessid=\w{10}/i,
  /"[0-9a-f]{64}";a:\d{1,2}:\{s:10:"expiration"/, // log-ins of WordPress
];

const PASSWORD_HASHES: readonly RegExp[] = [
  /(?<![\w$])\$(2[abxy]?|argon2(id|i|d)|scrypt|s[0-2]|pbkdf2[\w-]{0,20}|bcrypt[\w-]{0,10}|[1356]|y|gy|7|P|H|S|apr1|md5|sha1|wp\$2y)\$[\w./+=,$-]{4}/,
  /^(pbkdf2_sha\d{1,3}|argon2|bcrypt(_sha256)?|scrypt|md5|sha1|unsalted_md5)\$/i,
  /^\{(S?SHA|S?MD5|CRYPT|PBKDF2|ARGON2|BCRYPT|SCRYPT|NOOP)[\w-]{0,10}\}./i,
  /^(pbkdf2:sha\d{1,3}:|scrypt:\d)/i,
  /^SCRAM-SHA-(1|256|512)\$\d/,
  /^md5[0-9a-f]{32}$/,
  /^\*[0-9A-F]{40}$/,
  /^AQAAAA[A-Z]AA[\w+/]{50}/, // of ASP.NET
  /^[0-9a-f]{16,64}[:.$][0-9a-f]{64,256}$/i, // salt and hash
  /^[0-9a-f]{64,256}[:.$][0-9a-f]{16,64}$/i, // hash and salt
];

export const bearsMarkOfKey = (text: string) => KEYS.some((mark) => mark.test(text));
export const isHashOfPassword = (text: string) => PASSWORD_HASHES.some((mark) => mark.test(text));
