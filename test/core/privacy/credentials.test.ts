import { describe, expect, test } from 'vitest';
import { looksLikeCredential } from '../../../src/core/privacy/credentials.ts';

const list = (words: string) => words.trim().split(/\s+/);

describe('names of credentials', () => {
  test.each(
    list(`
      password passwd pwd passphrase pass user_pass password_hash passwordHash PasswordHash PASSWORD_HASH password-hash passwordhash
      hashed_password encryptedPassword password_digest reset_digest pwhash PASSWORD pass_hash old_password password2
      token api_token accessToken refresh_token reset-password-token rememberToken csrf_token sessionToken id_token device_token
      ACCESSTOKEN accesstoken token_hash tokens
      secret client_secret clientSecret totp_secret mfaSecret secret_key secretAnswer webhook_secret app_secret
      api_key apiKey APIKey APIKEY apikey userAPIKey private_key access_key encryptionKey ssh_key license_key session_key
      hash user_hash email_hash salt password_salt otp otp_code totp recovery_codes backupCodes verification_code security_answer
      session session_data session_id sessionid cookie pin user_pin pin_hash cvv credentials seed_phrase mnemonic connection_string
      magic_link auth authorization security_code bearer
      passwort kennwort contraseña contrasena senha wachtwoord lösenord mot_de_passe motDePasse şifre hasło heslo пароль 密码
    `),
  )('%s', (name) => {
    expect(looksLikeCredential(name)).toBe(true);
  });
});

describe('names that only sound like it', () => {
  test.each(
    list(`
      token_count tokens_used max_tokens total_tokens prompt_tokens token_type token_expires_at tokenId tokenized tokenizer
      hash_tags hashtags hashtag file_hash contentHash commit_hash blurhash image_hash tx_hash hashes
      passenger compass compassion passport passed passing_grade pass_rate passive season_pass boarding_pass bypass
      salted_butter salted sea_salt salt_content psalm basalt
      password_changed_at password_updated_at passwordResetRequired password_strength has_password is_secret hasToken
      session_count session_start session_notes session_title sessions training_session obsession possession
      secretary secret_santa secret_level secret_ingredient secretion
      key public_key primary_key foreign_key sort_key cache_key keyboard monkey turkey keyword
      pincode pin_code map_pin pinned pins opinion spin shopping pin_color
      code postal_code country_code promo_code color_code zip_code
      author authority author_name auth_method oauth_provider authenticated
      cookie_recipe id name email phone notes amount created_at user_id digest adopted opt stop salty notpad
    `),
  )('%s', (name) => {
    expect(looksLikeCredential(name)).toBe(false);
  });
});

test.each([
  ['token', { type: 'INTEGER' }, false],
  ['pin', { type: 'INTEGER' }, true],
  ['otp', { type: 'INT' }, true],
  ['session_id', { type: 'INTEGER' }, false],
  ['salt', { type: 'REAL' }, false],
  ['pass', { type: 'BOOLEAN' }, false],
  ['hash', { table: 'files' }, false],
  ['hash', { table: '__drizzle_migrations' }, false],
  ['hash', { table: 'users' }, true],
  ['sid', { table: 'sessions' }, true],
  ['sid', { table: 'students' }, false],
  ['sess', { table: 'userSessions' }, true],
])('%s of %o', (name, about, expected) => {
  expect(looksLikeCredential(name, about)).toBe(expected);
});
