import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { writeProblem } from '../../core/write-problem.ts';
import { realPath } from '../../files/real-path.ts';
import type { OpenOptions } from '../engine.ts';
import { connect } from './driver.ts';
import { withProblems } from './open.ts';
import { makePrivate } from './private.ts';

/** Opens a database for whoever works with it, and makes it where it is not there. Throws NOT_WRITABLE and what opening throws. */
export function openForApp(file: string, { wait, prepare }: OpenOptions): Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw writeProblem(dirname(file), error);
  }
  return withProblems(file, () => {
    makePrivate(realPath(file));
    const db = connect(file, { timeout: wait });
    prepare?.(db);
    return db;
  });
}
