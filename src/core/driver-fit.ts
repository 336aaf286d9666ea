export function partsOf(version: string): [major: number, minor: number] {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return [major, minor];
}

/** From 13 on better-sqlite3 brings its binary; before, it is built where it is installed. */
export const bringsBinary = (driver: string): boolean => partsOf(driver)[0] >= 13;

/** That binary needs Node-API 10. Where there is none it ends the process with the first database, without a word. */
export const runsBinary = (nodeApi: string | undefined): boolean => Number(nodeApi) >= 10;

/**
 * What is built for Node 24.19 or 26.4, or for what came after, breaks a rule of Node's when memory is collected, and Node ends the
 * process.
 */
export function mayEndWhatIsBuilt(node: string): boolean {
  const [major, minor] = partsOf(node);
  return major > 26 || (major === 26 && minor >= 4) || (major === 24 && minor >= 19);
}
