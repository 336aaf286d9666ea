/** What a driver runs on: `process.version`, and the Node-API it has. */
export interface Runtime {
  readonly node: string;
  readonly nodeApi: string | undefined;
}

export function partsOf(version: string): [major: number, minor: number] {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return [major, minor];
}

const majorOf = (version: string) => partsOf(version)[0];

/** Since 13 better-sqlite3 needs Node-API 10. Where there is none it ends the process with the first database, without a word. */
export const cannotRun = (driver: string, { nodeApi }: Runtime): boolean =>
  majorOf(driver) >= 13 && Number(nodeApi) < 10;

/**
 * Before 13, built for Node 24.19 or 26.4 or for what came after, it breaks a rule of Node's when memory is collected, and Node ends
 * the process.
 */
export function mayEndTheProcess(driver: string, { node }: Runtime): boolean {
  const [major, minor] = partsOf(node);
  const isStrict = major > 26 || (major === 26 && minor >= 4) || (major === 24 && minor >= 19);
  return isStrict && majorOf(driver) < 13;
}
