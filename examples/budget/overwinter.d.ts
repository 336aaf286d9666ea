/**
 * In your app, 'overwinter' is a package that was installed. Here it is this very package: Node finds `dist/` by its name, and
 * the types are those of the source, so that checking needs no build.
 */
declare module 'overwinter' {
  type Library = typeof import('../../src/index.ts');
  export const autoRestore: Library['autoRestore'];
  export const openDatabase: Library['openDatabase'];
  export const keep: Library['keep'];
  export const createPanel: Library['createPanel'];
  export type Keeper = import('../../src/index.ts').Keeper;
}
