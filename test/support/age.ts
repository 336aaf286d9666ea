import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { identityText, recipientText } from '../../src/core/age-keys.ts';
import { publicKeyOf } from '../../src/crypto/x25519.ts';
import { lasting, scratch } from './scratch.ts';

const LARGE = 256 * 1024 * 1024;

export interface AgeKey {
  /** An identity file, as `age-keygen` writes it. */
  readonly file: string;
  readonly recipient: string;
  readonly identity: string;
  readonly key: Uint8Array;
}

/** A key that lasts as long as the test file. */
export function ageKey(): AgeKey {
  const file = join(lasting(), 'key.txt');
  const key = randomBytes(32);
  const [identity, recipient] = [identityText(key), recipientText(publicKeyOf(key))];
  writeFileSync(file, `# created: 2026-11-29T00:00:00Z\n# public key: ${recipient}\n${identity}\n`, { mode: 0o600 });
  return { file, recipient, identity, key };
}

/** What the age package makes of a file. Throws where it cannot open it. */
export async function packageOpens({ identity }: AgeKey, sealed: Uint8Array): Promise<Buffer> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(sealed));
}

/** What Debian's `age` makes of a file. Throws where it cannot open it. */
export function ageOpens({ file }: AgeKey, sealed: Uint8Array): Buffer {
  return execFileSync('age', ['-d', '-i', file], {
    input: sealed,
    maxBuffer: LARGE,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/** `age` takes a passphrase from a terminal and from nowhere else: this gives it one. */
const TYPE = `import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp('age', ['age', '-d', sys.argv[1]])
shown = b''
while b'passphrase' not in shown: shown += os.read(terminal, 1024)
os.write(terminal, sys.argv[2].encode() + b'\\n')
try:
    while True:
        piece = os.read(terminal, 1024)
        if not piece: break
        shown += piece
except OSError: pass
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`;

/** What Debian's `age -d` says when it is given a file and its passphrase. */
export function ageUnlocks(locked: string, passphrase: string): string {
  const file = join(scratch(), 'locked.age');
  writeFileSync(file, locked);
  return execFileSync('python3', ['-c', TYPE, file, passphrase], { encoding: 'utf8' });
}

export function ageSeals(recipients: readonly string[], bytes: Uint8Array): Buffer {
  return execFileSync(
    'age',
    recipients.flatMap((each) => ['-r', each]),
    { input: bytes, maxBuffer: LARGE },
  );
}
