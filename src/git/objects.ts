import type { ChildProcess } from 'node:child_process';
import { gitFailed } from '../core/problems/git.ts';
import type { Repository } from './repository.ts';

/** A file's bytes, or its size alone where it is larger than was asked for. */
export type Blob = Buffer | { readonly size: number };

/** Git's stored files by their ids. One process answers all questions, because starting one takes longer than a part. */
export interface Objects {
  /**
   * Undefined where git does not have it, or it is no file. Of a file of more than `most` bytes nothing is kept. Throws GIT_FAILED
   * where git stops answering.
   */
  blob(id: string, most: number): Promise<Blob | undefined>;
  close(): void;
}

interface Question {
  readonly most: number;
  readonly done: (bytes: Blob | undefined) => void;
  readonly fail: (error: unknown) => void;
}

export function openObjects(repository: Repository): Objects {
  let child: ChildProcess | undefined;
  const waiting: Question[] = [];
  let chunks: Buffer[] = [];
  let have = 0;
  let need = 1;
  /** Bytes of an answer that nobody wants, yet to come. */
  let skip = 0;

  function answer(arrived: Buffer): void {
    const chunk = arrived.subarray(skip);
    skip -= arrived.length - chunk.length;
    // An empty one would keep all bytes of which it is the end.
    if (chunk.length === 0) return;
    chunks.push(chunk);
    have += chunk.length;
    // Large answers come in many chunks; they are looked at again only when enough has come.
    if (have < need) return;
    let all = Buffer.concat(chunks, have);
    for (;;) {
      const end = all.indexOf(10);
      if (end < 0) break;
      const [, type, size] = all.subarray(0, end).toString('utf8').split(' ');
      const length = size === undefined ? undefined : Number(size);
      const whole = length === undefined ? end + 1 : end + 1 + length + 1;
      if (!Number.isSafeInteger(whole)) {
        stopped(new Error(`unexpected answer: ${all.subarray(0, end)}`));
        return;
      }
      if (length !== undefined && length > (waiting[0]?.most ?? 0)) {
        waiting.shift()?.done(type === 'blob' ? { size: length } : undefined);
        skip = Math.max(0, whole - all.length);
        all = all.subarray(whole);
        continue;
      }
      if (all.length < whole) {
        chunks = [all];
        // Answers before this one are gone from the buffer, and must not be counted as bytes that have come.
        have = all.length;
        need = whole;
        return;
      }
      const bytes = length === undefined ? undefined : all.subarray(end + 1, whole - 1);
      waiting.shift()?.done(type === 'blob' ? bytes : undefined);
      all = all.subarray(whole);
    }
    chunks = all.length === 0 ? [] : [all];
    have = all.length;
    need = have + 1;
    if (waiting.length === 0) hold(child, false);
  }

  function stopped(error: unknown): void {
    child = undefined;
    for (const question of waiting.splice(0)) question.fail(gitFailed('read its objects')(error));
  }

  function started(): ChildProcess {
    const made = repository.start(['cat-file', '--batch']);
    made.stdout?.on('data', answer);
    // One that was closed has nothing to say about the next.
    const end = (error: unknown) => {
      if (child === made) stopped(error);
    };
    made.stdin?.on('error', end);
    made.on('error', end);
    made.on('close', end);
    chunks = [];
    have = 0;
    need = 1;
    skip = 0;
    return made;
  }

  return {
    blob: (id, most) =>
      new Promise((done, fail) => {
        child ??= started();
        hold(child, true);
        waiting.push({ most, done, fail });
        child.stdin?.write(`${id}\n`);
      }),
    close() {
      child?.stdin?.end();
      child = undefined;
    },
  };
}

/** Only a question that waits for its answer keeps this process alive; a store has no moment at which it is closed. */
function hold(child: ChildProcess | undefined, busy: boolean): void {
  if (child === undefined) return;
  for (const each of [child, child.stdin, child.stdout]) {
    if (each !== null && 'ref' in each && 'unref' in each) (busy ? each.ref : each.unref).call(each);
  }
}
