import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { kindInDefinition, kindOf } from '../../../src/core/privacy/values.ts';

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
    expect(kindInDefinition(sql)).toBe(kind);
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
])('a value of half a megabyte is looked through in time by its length: %s', (piece) => {
  const value = piece.repeat(500_000 / piece.length);
  const begun = process.cpuUsage();
  kindOf([value]);
  kindInDefinition(value);
  expect(process.cpuUsage(begun).user / 1000, 'ms').toBeLessThan(5000);
});
