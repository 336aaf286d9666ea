/** What broken code reads and writes, by the names that Stryker gave it. */
export interface Switches {
  activeMutant?: string | undefined;
  /** Broken code that comes by more often than this throws, so that few loops are endless. */
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

declare global {
  var __stryker__: Switches | undefined;
}

export function switches(): Switches {
  globalThis.__stryker__ ??= {};
  return globalThis.__stryker__;
}
