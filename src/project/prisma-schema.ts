import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isFromSchema, type PrismaSource, prismaSource } from '../core/prisma.ts';
import { readIfThere } from '../files/if-there.ts';

export interface PrismaSchema {
  readonly file: string;
  readonly source: PrismaSource;
  /** The folder from which its relative addresses are meant. */
  readonly base: string;
}

/** The schema of a project that uses Prisma, read as text. */
export function prismaSchema(root: string): PrismaSchema | undefined {
  const manifest = manifestOf(root);
  const named = manifest.prisma?.schema;
  const places = [named, 'prisma/schema.prisma', 'prisma/schema', 'schema.prisma'].flatMap((path) => path ?? []);
  for (const file of places.flatMap((path) => schemaFiles(resolve(root, path)))) {
    const source = prismaSource(readFileSync(file, 'utf8'));
    if (source === undefined) continue;
    const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    return { file, source, base: isFromSchema(source, dependencies) ? dirname(file) : root };
  }
  return undefined;
}

/** A schema may be a folder of files, of which one has the datasource. */
function schemaFiles(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return [path];
  if (!stat?.isDirectory()) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith('.prisma'))
    .map((file) => join(path, file));
}

interface Manifest {
  readonly prisma?: { readonly schema?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(root: string): Manifest {
  const file = join(root, 'package.json');
  try {
    return JSON.parse(readIfThere(file) ?? '{}');
  } catch {
    return {};
  }
}
