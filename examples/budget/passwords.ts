import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const LENGTH = 32;

const derive = (password: string, salt: Buffer) =>
  new Promise<Buffer>((done, fail) => {
    scrypt(password, salt, LENGTH, (error, key) => (error ? fail(error) : done(key)));
  });

export async function hashOf(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}.${(await derive(password, salt)).toString('base64url')}`;
}

/** An account without a hash came back from a backup: nothing fits it, not even nothing. It takes as long as any other. */
export async function fits(password: string, hash: string | null): Promise<boolean> {
  const [salt = '', key = ''] = (hash ?? '').split('.');
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'));
  return expected.length === LENGTH && timingSafeEqual(given, expected);
}
