import { type ChildProcess, spawn } from 'node:child_process';
import { toStartPrograms } from '../../files/programs.ts';

/** What came of one run of rclone. `silent`: it was ended, because nothing moved for too long. */
export type Ran =
  | { readonly code: number; readonly stdout: Buffer; readonly log: string }
  | { readonly failed: 'missing' | 'silent' | 'aborted' };

export type Run = (args: readonly string[], signal?: AbortSignal) => Promise<Ran>;

/** Of what it prints no more is kept: a listing of a million files. */
const LARGEST_ANSWER = 256 * 1024 * 1024;
const LARGEST_LOG = 256 * 1024;
const TO_END_ITSELF = 2000;

/**
 * What a user set for other work of theirs must not leave files out here, nor say that something was done which was not. How remotes are
 * reached stays theirs.
 */
const NOT_FOR_US =
  /^RCLONE_(DRY_RUN|INTERACTIVE|VERBOSE|QUIET|PROGRESS|STATS.*|LOG_.*|SYSLOG.*|USE_JSON_LOG|EXCLUDE.*|INCLUDE.*|FILTER.*|FILES_FROM.*|MIN_.*|MAX_.*|IGNORE_.*|IMMUTABLE|UPDATE|SIZE_ONLY|CHECKSUM|BACKUP_DIR|SUFFIX.*|COMPARE_DEST|COPY_DEST|HASH_FILTER|METADATA_.*)$/;

/** Starts rclone as it is found on this machine. Nothing secret stands in its arguments: those are its own configuration's. */
export function runRclone(cwd: string, env: Readonly<Record<string, string | undefined>>, patience: number): Run {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_FOR_US.test(name)));
  return (args, signal) =>
    new Promise((done) => {
      if (signal?.aborted) return done({ failed: 'aborted' });
      const child = spawn('rclone', [...args], {
        cwd,
        env: toStartPrograms(own),
        windowsHide: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const stdout: Buffer[] = [];
      let log = '';
      let bytes = 0;
      let moved = '';
      const finish = (ran: Ran) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        done(ran);
      };
      const giveUp = (failed: 'silent' | 'aborted') => {
        end(child);
        finish({ failed });
      };
      const abort = () => giveUp('aborted');
      const silent = () => giveUp('silent');
      let timer = setTimeout(silent, patience);
      const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(silent, patience);
      };
      signal?.addEventListener('abort', abort, { once: true });
      child.stdout.on('data', (chunk: Buffer) => {
        heard();
        bytes += chunk.length;
        if (bytes <= LARGEST_ANSWER) stdout.push(chunk);
        else giveUp('silent');
      });
      child.stderr.on('data', (chunk: Buffer) => {
        log = lastLines(`${log}${chunk.toString('utf8')}`);
        // It speaks every other second, whether or not anything moves.
        const now = movedBy(log);
        if (now !== undefined && now !== moved) heard();
        moved = now ?? moved;
      });
      child.on('error', (error) =>
        finish(isMissing(error) ? { failed: 'missing' } : { code: -1, stdout: Buffer.alloc(0), log: '' }),
      );
      child.on('close', (code) => finish({ code: code ?? -1, stdout: Buffer.concat(stdout), log }));
    });
}

const isMissing = (error: Error) => 'code' in error && error.code === 'ENOENT';

/** Whole ones: the end of one could be taken for what it is not. */
function lastLines(log: string): string {
  if (log.length <= LARGEST_LOG) return log;
  const last = log.slice(-LARGEST_LOG);
  return last.slice(last.indexOf('\n') + 1);
}

/** How much was done by the last that it said. */
function movedBy(log: string): string | undefined {
  const last = log.slice(log.lastIndexOf('"stats":{'));
  const counts = last.match(/"(bytes|checks|transfers|deletes|renames)":\d+/g);
  return counts?.join();
}

function end(child: ChildProcess): void {
  child.kill();
  const timer = setTimeout(() => child.kill('SIGKILL'), TO_END_ITSELF).unref();
  child.once('exit', () => clearTimeout(timer));
  // Whatever it started may hold the other ends.
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}
