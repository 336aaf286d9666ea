import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { kindInDefinition, kindOf } from '../../../src/core/privacy/values.ts';
import { quotedIn } from '../../../src/engines/sqlite/sql/sql-words.ts';

/** Written in two pieces, so that no scanner takes this file for a leak. */
const key = (start: string, rest: string) => start + rest;

describe('values that look private', () => {
  test.each<[string, string[], string]>([
    ['an AWS key', ['x', key('AKIA', 'IOSFODNN7EXAMPLE')], 'keys'],
    ['a GitHub token in a sentence', [`use ${key('ghp_', 'a1B2'.repeat(9))} here`], 'keys'],
    ['a payment key', [key('sk_live_', '4eC39HqLyjWDarjtT1zdp7dc')], 'keys'],
    ['a private key', [key('-----BEGIN ', 'RSA PRIVATE KEY-----\nMII')], 'keys'],
    ['a JSON web token', [key('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl')], 'keys'],
    ['an address with a password', ['postgres://app:hunter2@db.example.org/app'], 'keys'],
    ['a bcrypt hash among others', ['', 'none', '$2b$12$abcdefghijklmnopqrstuv'], 'hashes of passwords'],
    ['an argon2 hash', ['$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA'], 'hashes of passwords'],
    ['a Django hash', ['pbkdf2_sha256$260000$salt$hash'], 'hashes of passwords'],
    ['an e-mail address', ['nobody', 'ada.lovelace+x@mail.example.org'], 'e-mail addresses'],
    ['an e-mail address in a note', ['please write to <ada@example.org>.'], 'e-mail addresses'],
    ['a card number in groups', ['x', 'y', 'paid with 4111 1111 1111 1111'], 'card numbers'],
    [
      'card numbers as digits',
      ['5555555555554444', '4111111111111111', '378282246310005'.padStart(15, '3')],
      'card numbers',
    ],
    ['hashes', ['d41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'], 'hashes'],
    ['random words', [1, 2, 3].map(() => `aB3${randomBytes(30).toString('base64url')}`), 'keys'],
  ])('%s', (_, values, kind) => {
    expect(kindOf(values)).toBe(kind);
  });
});

describe('secrets that stand in a value', () => {
  const hex = (length: number) => '0123456789abcdef'.repeat(Math.ceil(length / 16)).slice(0, length);
  const mixed = (length: number) => 'aB3cD4eF5gH6iJ7kL8mN9oP0'.repeat(Math.ceil(length / 24)).slice(0, length);
  test.each<[string, string]>([
    ['a webhook of Slack', key('https://hooks.slack.', 'com/services/T000/B000/XXXXXXXX')],
    ['a webhook of Discord', key('https://discord.', `com/api/webhooks/123456789012345678/${mixed(68)}`)],
    ['a webhook of Teams', key('https://example.webhook.office.', 'com/webhookb2/a@b/IncomingWebhook/c/d')],
    ['a bot of Telegram', key('1234567890:', `AA${mixed(33)}`)],
    ['a bot of Discord', key('MTIz', `${mixed(20)}.GaBcDe.${mixed(38)}`)],
    ['a token of Slack', key('xoxb-', '1234567890-abcdefghij')],
    ['an encrypted private key', key('-----BEGIN ENCRYPTED ', 'PRIVATE KEY-----')],
    ['a private key of OpenSSH', key('-----BEGIN OPENSSH ', 'PRIVATE KEY-----')],
    ['a private key of PGP', key('-----BEGIN PGP ', 'PRIVATE KEY BLOCK-----')],
    ['a private key in base64', key('LS0tLS1CRUdJTi', 'BSU0EgUFJJVkFURSBLRVktLS0tLQ==')],
    ['a key of PuTTY', key('PuTTY-User-Key-', 'File-3: ssh-ed25519')],
    ['a key of age', key('AGE-SECRET-', `KEY-1${hex(58).toUpperCase()}`)],
    ['a key of WireGuard', `[Interface]\nPrivateKey = ${mixed(43)}=`],
    ['a private key as JSON', `{"kty":"OKP","crv":"Ed25519","d":"${mixed(43)}"}`],
    ['a link with a shared access signature', `https://x.blob.core.windows.net/c/f?sv=2024-01-01&sig=${mixed(43)}%3D`],
    ['a presigned link', `https://b.s3.amazonaws.com/k?X-Amz-Expires=900&X-Amz-Signature=${hex(64)}`],
    ['the key of a storage account', `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${mixed(86)}==`],
    ['a service account', '{"type": "service_account", "project_id": "p"}'],
    ['a token of GitLab', key('glpat-', mixed(20))],
    ['a token of npm', key('npm_', mixed(36))],
    ['a token of PyPI', key('pypi-', `AgEIcHlwaS5vcmc${mixed(50)}`)],
    ['a key of SendGrid', key('SG.', `${mixed(22)}.${mixed(43)}`)],
    ['a key of Twilio', key('SK', hex(32))],
    ['a key of a model', key('sk-ant-', `api03-${mixed(40)}`)],
    ['a token of Hugging Face', key('hf_', mixed(34))],
    ['a secret for one-time codes', 'otpauth://totp/App:ada?secret=JBSWY3DPEHPK3PXP&issuer=App'],
    ['an address with a password in a sentence', 'connect to redis://:hunter2@cache:6379/0 first'],
    ['an address with basic authentication', 'https://ada:hunter2@example.org/feed'],
    ['a connection string', 'Server=db;Database=app;User Id=sa;Password=hunter2!;'],
    ['JSON with a secret in it', '{"host":"mail","smtp":{"password":"hunter2"}}'],
    ['JSON in JSON', JSON.stringify({ config: JSON.stringify({ apiKey: 'abc123def' }) })],
    ['lines of settings', 'PORT=3000\nSESSION_SECRET=keyboardcat\n'],
    ['a note', 'wifi password: hunter2'],
    ['a header', `Authorization: Bearer ${hex(40)}`],
    ['a log-in of WordPress', `a:1:{s:64:"${hex(64)}";a:4:{s:10:"expiration";i:1700000000;}}`],
    ['words of a wallet', 'legal winner thank year wave sausage worth useful legal winner thank yellow'],
  ])('%s', (_, value) => {
    expect(kindOf(['harmless', value])).toBe('keys');
  });

  test.each<[string, string]>([
    ['bcrypt of PHP', '$2y$10$abcdefghijklmnopqrstuv'],
    ['bcrypt of WordPress', '$wp$2y$10$abcdefghijklmnopqrstuv'],
    ['phpass', '$P$BabcdefghijklmnopqrstuvwxyZ0123'],
    ['Drupal', '$S$Dabcdefghijklmnopqrstuvwxyz'],
    ['SHA-512 crypt', '$6$rounds=5000$salt$hash'],
    ['yescrypt', '$y$j9T$salt$hash'],
    ['Apache', 'ada:$apr1$abcdefgh$ijklmnopqrst'],
    ['Werkzeug', 'scrypt:32768:8:1$salt$hash'],
    ['Django with bcrypt', 'bcrypt_sha256$$2b$12$abcdefgh'],
    ['LDAP', '{SSHA}c2FsdGVkaGFzaA=='],
    ['Spring', '{bcrypt}$2a$10$abcdefghijklmnop'],
    ['PostgreSQL', 'SCRAM-SHA-256$4096:c2FsdA==$a:b'],
    ['MySQL', `*${hex(40).toUpperCase()}`],
    ['ASP.NET', `AQAAAAIAAYagAAAAE${mixed(64)}`],
    ['salt and hash', `${hex(32)}:${hex(128)}`],
    ['one in JSON', '{"v":"$2b$12$abcdefghijklmnopqrstuv"}'],
  ])('the hash of a password: %s', (_, value) => {
    expect(kindOf(['harmless', value])).toBe('hashes of passwords');
  });
});

describe('definitions', () => {
  const payment = key('sk_live_', '4eC39HqLyjWDarjtT1zdp7dc');
  test.each<[string, string, string | undefined]>([
    ['a default', `CREATE TABLE t(a, b TEXT DEFAULT '${payment}')`, 'keys'],
    ['a default in the other quotes', `CREATE TABLE t(a DEFAULT "${payment}")`, 'keys'],
    ['a part of a string', `CREATE TABLE t(a CHECK (a <> 'key: ${payment}!'))`, 'keys'],
    ['a comment', `CREATE TABLE t(a -- for now ${payment}\n, b)`, 'keys'],
    ['a trigger', `CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = '${payment}'; END`, 'keys'],
    ['an address with a password', "CREATE VIEW v AS SELECT 'postgres://app:hunter2@db.example.org/app'", 'keys'],
    ['a hash', "CREATE TABLE t(a DEFAULT '$2b$12$abcdefghijklmnopqrstuv')", 'hashes of passwords'],
    ['the mark of a hash alone', "CREATE TABLE t(a CHECK (a LIKE '$2b%'))", undefined],
    ['what is no secret', `CREATE TABLE t("sk_live_" TEXT DEFAULT 'x', mail DEFAULT 'ada@example.org')`, undefined],
    ['a long name', 'CREATE TABLE TheLongNameOfATableWith42Letters(a DEFAULT (datetime()))', undefined],
  ])('%s', (_, sql, kind) => {
    expect(kindInDefinition(sql, quotedIn(sql))).toBe(kind);
  });
});

describe('values that do not', () => {
  test.each<[string, string[]]>([
    ['nothing', []],
    ['empty text', ['', '']],
    ['sentences', ['The quick brown fox jumps over 13 lazy dogs', 'An @ sign @ home', 'me@home']],
    ['times in milliseconds', ['1700000000000', '1700000000001', '3700000000000']],
    ['numbers of 16 digits, of which one in ten passes', ['4111111111111111', '4111111111111112', '4111111111111113']],
    ['UUIDs', ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-4000-8000-000000000000']],
    ['dates', ['2026-11-20T23:15:00.000Z']],
    ['web addresses', ['https://example.org/a/B3/c?d=E5&f=g-h-i_j', 'https://user@example.org']],
    ['paths', ['src/core/privacy/Values2.ts', '/var/lib/App/Data/2026/file.JSON']],
    ['one hash among words', ['word', 'another', 'd41d8cd98f00b204e9800998ecf8427e']],
    ['phone numbers', ['+49 30 1234567', '555-0100']],
    ['prices', ['$5$ off', '$1$', 'from $2 to $7']],
    [
      'a public key',
      ['-----BEGIN PUBLIC KEY-----', 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5'],
    ],
    [
      'links',
      [
        'https://example.org/?page=2&sort=name&q=abcdefgh',
        'https://example.org:8080/a@b',
        'see https://hooks.example.org/x',
      ],
    ],
    [
      'JSON',
      ['{"name":"Ada","tokens":"1234567","token_count":"12345678","key":"abcdefgh"}', '{"password":"********"}'],
    ],
    ['talk of passwords', ['I forgot my password: please help', 'Password=required', 'The secret is out']],
    ['a sentence in small letters', ['they went down the road and then came back with some fresh bread today']],
    ['versions and times', ['2026-11-20 12:34:56:789', 'sha256:abc', '12:34']],
    ['a dollar amount in a shell', ['echo $HOME$PATH', '$a$b$c']],
  ])('%s', (_, values) => {
    expect(kindOf(values)).toBeUndefined();
  });
});

describe('a word that looks random', () => {
  // Every letter once: as mixed as a word can be.
  const mixed = (length: number) =>
    'aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2uVwXyZ'.repeat(Math.ceil(length / 36)).slice(0, length);

  test.each([
    [24, 'keys'],
    [200, 'keys'],
    [23, undefined],
    [201, undefined],
  ])('of %i letters', (length, kind) => {
    expect(kindOf([mixed(length)])).toBe(kind);
  });

  test.each([
    ['without a digit', mixed(36).replace(/\d/g, 'z')],
    ['without a capital', mixed(36).toLowerCase()],
    ['without a small letter', mixed(36).toUpperCase()],
    ['of few letters', 'aB3'.repeat(12)],
    ['with a space in it', `${mixed(25)} ${mixed(5)}`],
    ['in short pieces', `${mixed(10)}.${mixed(10)}.${mixed(10)}`],
  ])('but %s does not', (_, value) => {
    expect(kindOf([value])).toBeUndefined();
  });
});

test.each([
  'eyJ-',
  'eyJaaaaaaaa.eyJ-',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY',
  'sk-',
  'SG.',
  'xoxa-',
  '"a@',
  ',a@a.',
  '4111 ',
  '$2',
  'a:b@',
  'pbkdf2',
  '://',
  '://a:b',
  '"a":"',
  '"password":"',
  'a=',
  'password=',
  'token: ',
  '1234567890:',
  'MTIz.',
  'eyJaaaaaaaa.',
  'AccountKey=',
  '?sig=',
  'SharedAccessSignature ',
  '$2b$',
  'a'.repeat(50),
  'abcdef0123456789:',
  'abcd ',
  'Bearer ',
  '1//0',
])('a value of half a megabyte is looked through in time by its length: %s', (piece) => {
  const value = piece.repeat(500_000 / piece.length);
  const begun = process.cpuUsage();
  kindOf([value]);
  kindInDefinition(value, quotedIn(value));
  expect(process.cpuUsage(begun).user / 1000, 'ms').toBeLessThan(5000);
});
