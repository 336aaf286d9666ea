import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/**
 * What V8 made of the program is kept and used again, which is a third of the time of a small command. What is kept is run
 * later, so it lies beside the program and is its owner's alone: who can write there could write the program. Where the program is
 * somebody else's nothing is kept, or they could not delete it, nor where nothing can be written. From 22.1 on Node keeps it of
 * all files that it reads; before, it is done here, of the largest one.
 */
export function keepCompiled(folder: string, program: string): void {
  try {
    const me = process.getuid?.();
    if (me !== undefined && statSync(dirname(folder)).uid !== me) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const enable: unknown = Reflect.get(module, 'enableCompileCache');
    if (typeof enable === 'function') enable.call(module, folder);
    else compileFrom(folder, program);
  } catch {
    // It is only slower without.
  }
}

type Compile = (this: NodeJS.Module, source: string, file: string) => unknown;

/** Has the program compiled from what is kept, when it is required. */
function compileFrom(folder: string, program: string): void {
  const modules: unknown = Reflect.get(module, 'prototype');
  if (typeof modules !== 'object' || modules === null) return;
  const compile: Compile | undefined = Reflect.get(modules, '_compile');
  if (typeof compile !== 'function') return;
  const once: Compile = function (source, file) {
    if (file !== program) return compile.call(this, source, file);
    Reflect.set(modules, '_compile', compile);
    const run = functionOf(source, file, folder);
    if (run === undefined) return compile.call(this, source, file);
    // A script that was compiled by hand cannot import by itself: the build has it call this.
    Reflect.set(this, 'importHere', new Function('name', 'return import(name)'));
    return run.call(this.exports, this.exports, createRequire(file), this, file, dirname(file));
  };
  Reflect.set(modules, '_compile', once);
}

type Run = (exports: unknown, require: NodeRequire, module: NodeJS.Module, file: string, folder: string) => unknown;

const isRun = (value: unknown): value is Run => typeof value === 'function';

/** Undefined where it cannot be compiled so. */
function functionOf(source: string, file: string, folder: string): Run | undefined {
  try {
    // V8 itself compares no more than the length of a source.
    const version = createHash('sha256').update(process.version).update(process.arch).update(source).digest('hex');
    const kept = join(folder, version.slice(0, 32));
    const before = bytesOf(kept);
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
      filename: file,
      ...(before === undefined ? {} : { cachedData: before }),
    });
    // At the end what was run is compiled, too.
    if (before === undefined || script.cachedDataRejected) process.once('exit', () => keep(script, kept));
    const run: unknown = script.runInThisContext();
    return isRun(run) ? run : undefined;
  } catch {
    return undefined;
  }
}

const HASH_BYTES = 32;
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

/** Undefined for what is not there, and for what was torn or changed: V8 would run it. */
function bytesOf(kept: string): Buffer | undefined {
  try {
    const bytes = readFileSync(kept);
    const compiled = bytes.subarray(HASH_BYTES);
    return hashOf(compiled).equals(bytes.subarray(0, HASH_BYTES)) ? compiled : undefined;
  } catch {
    return undefined;
  }
}

function keep(script: Script, kept: string): void {
  const temporary = `${kept}.${process.pid}`;
  try {
    const compiled = script.createCachedData();
    writeFileSync(temporary, Buffer.concat([hashOf(compiled), compiled]), { mode: 0o600 });
    renameSync(temporary, kept);
  } catch {
    rmSync(temporary, { force: true });
  }
}
