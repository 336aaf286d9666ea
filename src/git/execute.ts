import { spawn } from 'node:child_process';
import { gitFailed } from '../core/problems/git.ts';
import { toStartPrograms } from '../files/programs.ts';

export interface Executed {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * What simple-git has no way to say: something on standard input, bytes as the answer, and silence, after which it waits for 50
 * ms in case more comes. Throws where there is no git. With `signal` git ends,
 * and what it started is waited for no longer.
 */
export function execute(
  cwd: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  input: string | Uint8Array | undefined,
  signal?: AbortSignal,
): Promise<Executed> {
  return new Promise((done, fail) => {
    const child = spawn('git', [...args], {
      cwd,
      env: toStartPrograms(env),
      windowsHide: true,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A command that fails at once closes its input; what it says then is what matters.
    child.stdin.on('error', () => {});
    const abandon = () => {
      child.kill();
      // What talks to a remote is another process, which has the other ends of these until its own patience is over.
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
    };
    if (signal?.aborted) abandon();
    signal?.addEventListener('abort', abandon, { once: true });
    child.on('error', (error) => fail(gitFailed('be started')(error)));
    child.on('close', (code) => {
      signal?.removeEventListener('abort', abandon);
      done({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
    child.stdin.end(input);
  });
}
