import type { Engine } from '../engine.ts';
import { build } from './build.ts';
import { clear } from './clear.ts';
import { complete } from './complete.ts';
import { copy, settle } from './files.ts';
import { fill } from './fill.ts';
import { keysOf } from './keys.ts';
import { counts, inspect, reading } from './look.ts';
import type { SqliteOptions } from './open.ts';
import { read } from './read.ts';
import { readSchema } from './schema.ts';
import { readShapes } from './table-shapes.ts';
import { watch } from './watch.ts';

export type { Prepare, SqliteOptions } from './open.ts';

export function sqliteEngine(options: SqliteOptions): Engine {
  return {
    inspect: (db, ignore) => inspect(db, ignore, options),
    read: (db, scratch, select) => read(db, scratch, select, options),
    build: (target, content, slices, onRows) => build(target, content, slices, onRows, options),
    fill: (target, content, slices, onRows) => fill(target, content, slices, onRows, options),
    complete: (target, leftOut, live) => complete(target, leftOut, live, options),
    shapes: (db) => reading(db, options, readShapes),
    counts: (db) => counts(db, options),
    copy: (db, target) => copy(db, target, options),
    settle: (db, first, then) => settle(db, first, then, options),
    watch: (db) => watch(db, options),
    clear: (db, tables, first) => clear(db, tables, first, options),
    keysOf: (schema) => keysOf(schema, options),
    schemaOf: (db) => reading(db, options, readSchema),
  };
}
