import { existsSync, readFileSync } from 'node:fs';

/** Other projects' vectors lie beside the repository, not in it: a clone elsewhere goes without them, and says so. */
const FOLDER = new URL('../../../shared/vectors/', import.meta.url);

/**
 * @param path within the folder. @param cases how many the file holds, for the message when it is not there.
 * @returns the file's text; undefined when it is not there, after a line on the console that says what did not run.
 */
export function readSharedVectors(path: string, cases: number): string | undefined {
  const file = new URL(path, FOLDER);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  console.log(`../shared/vectors/${path} is not here: ${cases} cases did not run`);
  return undefined;
}
