/**
 * What is to be done when a test ends, or a file of tests. What many files import is loaded once in a process, so a hook of its own would be
 * one of the first of them alone: it is noted here, and `setup.ts` sees to it for each.
 */
type Ending = () => unknown;

const ofTests: Ending[] = [];
const ofFiles: Ending[] = [];

export const whenTestEnds = (ending: Ending): void => void ofTests.push(ending);
export const whenFileEnds = (ending: Ending): void => void ofFiles.push(ending);

/** Folders go when everything that works in them has ended. */
export function removeFoldersLast(ofTest: Ending, ofFile: Ending): void {
  ofTests.unshift(ofTest);
  ofFiles.unshift(ofFile);
}

export async function endTest(): Promise<void> {
  for (const ending of ofTests.toReversed()) await ending();
}

export async function endFile(): Promise<void> {
  for (const ending of ofFiles.toReversed()) await ending();
}
