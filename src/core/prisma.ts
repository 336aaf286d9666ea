/** Where Prisma takes the address of its database from, as the `datasource` of a schema says it. */
export interface PrismaSource {
  readonly provider: string;
  /** From Prisma 7 on it does not stand in the schema. */
  readonly url?: { readonly variable: string } | { readonly text: string };
}

/** Undefined where the text has no datasource. */
export function prismaSource(schema: string): PrismaSource | undefined {
  const text = schema.replace(/^\s*\/\/.*$/gm, '');
  const block = /\bdatasource\s+\w+\s*\{([^}]*)\}/.exec(text)?.[1];
  const provider = block && /\bprovider\s*=\s*"([^"]+)"/.exec(block)?.[1];
  if (block === undefined || provider === undefined) return undefined;
  const [, variable, literal] = /(?:^|\n)\s*url\s*=\s*(?:env\(\s*"([^"]+)"\s*\)|"([^"]+)")/.exec(block) ?? [];
  if (variable !== undefined) return { provider, url: { variable } };
  return literal === undefined ? { provider } : { provider, url: { text: literal } };
}

/** Drivers in JavaScript find a file from where the app runs, and not from the schema. */
const ADAPTERS = ['@prisma/adapter-better-sqlite3', '@prisma/adapter-libsql', '@prisma/adapter-node-sqlite'];

/** Whether a relative `file:` address is meant from the folder of the schema. */
export function isFromSchema({ url }: PrismaSource, dependencies: Iterable<string>): boolean {
  return url !== undefined && ![...dependencies].some((name) => ADAPTERS.includes(name));
}
