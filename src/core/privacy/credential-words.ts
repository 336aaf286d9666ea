/** The words by which names of credentials are told, as data; `credentials` says how they are read. All are small and singular. */

const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** `key: 'api ssh'` is the two phrases `api key` and `ssh key`. */
const phrases = (endings: Readonly<Record<string, string>>): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(Object.entries(endings).map(([ending, before]) => [ending, list(before)]));

/** Words at the beginning that make a question, a count, a bound or an order of what follows. */
export const QUESTION = list(`
  is has had can need must should require allow use uses used num number n nb total max min avg average prompt completion input output cached
  enable disable enabled disabled show hide force skip expire send without no not count supports support was
  are did does do only per require requires needs allows will auto remaining failed`);

/** Words at the end that make it something about a credential, not the credential. */
export const ABOUT = list(`
  at on date time datetime timestamp until since day hour minute second ago ttl age lifetime duration period interval
  count counter number total max min limit quota used usage use left remaining attempt try retry failure seen
  expire expiry expiration expired valid validity status state flag enabled disabled required requested set confirmed verified active
  changed change updated created rotated rotation revoked forced reset type kind version length len size strength policy rule
  algorithm algo method provider issuer issued scope label title description name names note color colour
  id ids uid index position symbol supply decimal contract price cost balance per rate tag issue
  prefix suffix brand mask masked preview fingerprint thumbprint checksum ending four eight start
  url uri endpoint path page template subject email mail host hostname port user username login account owner audience claim metadata meta
  question score manager field column table class model context window regex pattern format bit level
  store backend file filename dir directory location arn ref reference alias env var environment parameter param option config setting
  log event stat statistic report category group role permission request response protected
  available supported consent preference banner notice jar recipe santa ingredient menu shop garden service app device client
  encoding charset unit percentage percent ratio difficulty iteration round by from to via
  challenge handle backed help tip placeholder visibility visible generation generator activity migration message
  identity update delivery sender amount budget due timeout delay `);

/** Words that say it wherever they stand. */
export const STRONG = list(`
  password passwd pwd passphrase passcode htpasswd userpassword passw psswd pword psw pswd
  passwort kennwort contrasena contrasenia senha wachtwoord losenord adgangskode passord salasana haslo heslo jelszo sifre mdp motdepasse
  parol пароль 密码 密碼 パスワード 비밀번호 mima parola geheimnis
  mnemonic cvv cvc cvn bearer privkey keytab kubeconfig macaroon xprv nsec psk pfx otpauth passwords`);

/** Words that say it at the end of a name, or where only words of `TAIL` follow. */
export const LAST = list(`
  secret credential cred otp totp hotp jwt pem dsn pw apikey privatekey secretkey connectionstring connstr keystore jks wif
  sessid phpsessid jsessionid authkey webhook akey keypair pkcs jeton csrf xsrf rt otc otk ott dek kek mpin tpin netrc npmrc`);

/** Words of which only these make a secret of a name that ends in them. */
export const AFTER = phrases({
  key: `api secret private access encryption decryption encrypt decrypt signing sign signature auth authentication authorization oauth session license
    licence master ssh gpg pgp service account webhook recovery client app admin bot user security hmac aes rsa ecdsa ed jwt crypto cipher token
    root symmetric shared preshared psk wireguard pem wif wep autologin wg vpn wifi network wpa consumer subscription product serial activation unlock server
    wallet deploy integration write ingest role dek kek hashed encrypted crypted enc tls ssl cert certificate reset confirm
    confirmation verification login remember invite invitation feed rss otp totp mfa change refresh des tde sso smtp developer dev merchant gateway
    partner live sandbox prod production vapid cle unsubscribe wrapped wrapping derived backup delete magic share sharing signup onetime bearer
    stripe sendgrid openai anthropic claude gemini mistral cohere groq deepseek perplexity replicate huggingface elevenlabs deepgram assemblyai
    openrouter pinecone langchain aws amazon gcp google firebase fcm gcm azure cloudflare digitalocean hetzner linode vultr heroku vercel netlify
    twilio nexmo vonage plivo messagebird mailgun mailchimp mandrill postmark sparkpost brevo sendinblue resend mailjet klaviyo
    mapbox maps gmaps here tomtom openweather weather tmdb omdb imdb giphy unsplash pexels pixabay youtube spotify lastfm twitch steam riot
    paypal razorpay braintree adyen mollie klarna square paystack flutterwave coinbase binance kraken plaid alchemy infura etherscan
    algolia meili meilisearch typesense elastic datadog newrelic sentry bugsnag rollbar segment mixpanel amplitude posthog honeycomb grafana
    pusher ably onesignal airship slack discord telegram teams github gitlab bitbucket jira atlassian trello asana notion airtable linear figma
    hubspot salesforce zendesk intercom freshdesk zapier shopify woocommerce woo facebook fb twitter linkedin instagram tiktok recaptcha hcaptcha
    turnstile akismet secure validation nwk supabase planetscale neon mongo redis mux cloudinary imgix imagekit backblaze wasabi minio bunny fastly akamai easypost
    shippo ups fedex dhl clearbit apollo ipinfo ipstack abuseipdb virustotal shodan alphavantage polygon finnhub tiingo fred deepl`,
  code: `recovery backup verification verify otp tfa twofa email lockbox auth login signin reset security access activation authorization authentication mfa fa factor sms
    confirm confirmation time pairing device unlock door gate alarm lock invite invitation passcode scratch emergency magic
    secret oauth persist entry voicemail registration validation keypad safe vault password onetime totp init share`,
  hash: 'user email auth login code confirm confirmation activation invite invitation pass remember reset magic session pin bcrypt argon scratch verification recovery cookie salted validator crypt member admin account answer api forgot',
  digest: 'reset remember activation confirmation auth login api invite session refresh recovery key unlock',
  validator: 'hashed token remember session',
  verifier: 'code oauth login consent pkce srp password',
  phrase: 'seed recovery pass backup secret key',
  word: 'seed recovery secret mnemonic ',
  seed: 'wallet otp totp hotp master mnemonic hd private key secret mfa token tfa',
  pass: 'crypto user usr db database smtp ftp sftp imap pop login admin email mail root proxy http basic wifi mqtt ssh redis sudo ldap router auth my member customer sa post app encrypted hashed',
  pin: 'user card login access security unlock alarm gate safe lockbox account door sim voicemail parental staff employee pos customer transaction debit atm wallet device secret puk hashed encrypted admin lock keypad',
  salt: 'password pass pwd kdf hash user auth login crypto encryption key scratch token secret form link',
  answer: 'security secret recovery reminder query',
  link: 'magic login reset invite invitation signin presigned signed',
  url: 'webhook database db redis mongo mongodb postgres postgresql pg mysql mariadb amqp rabbitmq broker smtp mailer connection jdbc presigned signed sas magic cloudinary celery dsn hook',
  uri: 'webhook database db redis mongo mongodb postgres postgresql pg mysql mariadb amqp broker smtp connection sqlalchemy jdbc otp totp provisioning presigned sas',
  string: 'connection conn auth authentication connect',
  str: 'connection conn',
  number: 'card cc creditcard',
  num: 'card cc creditcard',
  no: 'card cc',
  pan: 'card',
  card: 'credit',
  pat: 'github gitlab azure devops git token',
  community: 'snmp',
  stamp: 'security',
  cookie: 'session auth login remember',
  data: 'session auth oauth sess',
  setting: 'secure',
  id: 'session sess',
  refresh: 'oauth',
  value: 'encrypted',
  auth: 'token key keys basic http proxy push webpush bearer digest',
  header: 'auth authorization',
  authorization: 'header http proxy',
  private: 'key rsa jwk pem ed ec pgp wireguard',
  jwk: 'private',
  passe: 'de',
  acces: 'code',
  schlussel: 'api geheim geheimer privater secret verschlussel',
  schluessel: 'api geheim geheimer privater secret verschlussel',
  secreta: 'clave palabra respuesta',
  api: 'cle clave chave chiave klucz sleutel llave',
  prive: 'cle',
  privee: 'cle',
  privada: 'clave chave llave',
  privata: 'chiave',
  secrete: 'cle',
  acceso: 'clave codigo',
  acesso: 'token chave codigo',
  geheim: 'api client',
  rands: 'user',
  uniquifier: 'fs token',
  series: 'remember token',
  json: 'account secure',
});

/** Words after which nothing new follows: `token_hash`, `password_old`, `stripe_key_live`, `otp_secret_ciphertext`. */
export const TAIL = list(`
  hash hashes hashed digest encrypted enc ciphertext cipher crypted crypt plain plaintext cleartext clear raw byte bytes blob b base hex
  sha md bcrypt argon scrypt pbkdf value val data json iv nonce salt salted str live test prod production sandbox staging dev development
  old new previous prev current temp tmp temporary next primary secondary backup original copy confirm repeat list array pair
  readonly read write main sealed wrapped bidx bi stripe github gitlab bitbucket gitea decrypted encoded `);

/** What is known to all, and said to be so. */
export const OPEN = list('public pub publishable anon site');

/** Words after which these are something else: tokens of text, of money and of lists; certificates, which are for everybody. */
export const UNLESS = phrases({
  token: `page next sync continuation cursor pagination base quote reward governance stop eos bos pad unk mask cls sep special lexical parser
  word start end native gas utility nft lp pool input output erc fan staking stake deposit payout collateral underlying wrapped sell buy from to
   skip resume`,
  pem: 'cert certificate ca crt chain issuer leaf',
  secret: 'trade open dirty',
});

/** Before `tokens`, which else are counted. */
export const KEPT_TOKENS = list(
  'access refresh auth api session device push reset remember login oauth fcm apn bearer security invite user secret csrf app bot',
);

/** Words that say it where they are the whole name. */
export const BARE = list(
  'token tokens secret secrets pass pin salt session cookie cookies auth authorization hash clave',
);

/** What holds the secret in a table that is named after its secrets: `api_keys.key`, `recovery_codes.code`. */
export const HOLDER = list(
  'key value val data hash code digest content secret token payload body blob raw cipher ciphertext encrypted plaintext phrase pem xml private',
);

/** Words before `session` that make a table one of log-ins. */
export const LOGIN = list(
  'user auth web http login admin oauth django laravel spring express app account member customer browser cookie core sso panel access token refresh code openid pkce dashboard active authentication php rack flask',
);

/** Tables of people and of what lets them in. */
export const PEOPLE = list(
  'user usr account member customer admin administrator login password credential auth token session key invite invitation reset code secret share link forgot identity person people staff employee client operator agent bot subscriber signup activation confirmation verification forget owner runner application repo',
);

/** In tables of these a word means something else than it does in the others. */
export const ELSEWHERE: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    salt: list(
      'recipe bread bakery cheese sauce sea lake ocean cake ingredient food nutrition nutrient dish meal product water sample soil spice taste diet',
    ),
    secret: list('npc quest story character level puzzle achievement dungeon monster world'),
    cookie: list('recipe product bakery order snack fortune food ingredient'),
    token: list(
      'word vocab vocabulary corpus nlp embedding sentence lexeme document chunk annotation lemma tokenizer pool pair swap trade transfer holding balance coin market liquidity position asset price chain nft portfolio staking game board usage completion message llm search posting term dictionary',
    ),
    pin: list(
      'map board post message note location place marker gpio component circuit chip bookmark pinterest sensor connector lane bowling jewelry place',
    ),
    pass: list(
      'pass test result exam course grade mountain ticket run round game match play quality satellite event season ski check inspection team player stat bus travel boarding compiler render',
    ),
    session: list(
      'attendance conference exam schedule talk class course event workshop term timetable training speaker booking lecture meeting market candle',
    ),
    authorization: list('payment charge transaction card order purchase'),
    auth: list('log route endpoint page api'),
    confirmation: list('booking order payment reservation trip flight hotel ticket event shipment appointment'),
    access: list('building permission status'),
    security: list('stock instrument trade holding asset'),
  }),
);

/** Tables of what is shown to others so that they know whom they deal with. */
export const OPEN_TABLE =
  /public|passkey|webauthn|authenticator|gpg|pgp|ssh|deploy_?key|one_?time_?key|fallback_?key|cross_?signing/;

/** Words that are no credential's, but stand beside them in names written in one go. */
export const BESIDE = list(
  'user usr my is has id at db new old last first admin client customer member current is fa factor two oauth access refresh api push device remember verification csrf app shared web hook time day expires',
);
