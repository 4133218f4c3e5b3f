/**
 * Third-party test data lies beside the repository, and a clone elsewhere does not have it: a test that wants it says what ran,
 * or how many cases did not.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));

/** The file's bytes, or undefined where there is no such file. */
export function readVectorFile(path: string): Buffer | undefined {
  const file = join(FOLDER, path);
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** Paths (for `readVectorFile`) of all files under a folder, sorted; none where there is no such folder. */
export function listVectorFiles(folder: string): string[] {
  if (!existsSync(join(FOLDER, folder))) return [];
  return readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(join(FOLDER, path)).isFile())
    .sort();
}

/** `expected` is how many cases the data held when the test was written: fewer would mean that the test reads them wrongly. */
export function reportVectors(name: string, expected: number, run: number): void {
  if (run === 0) console.log(`${name}: ${expected} third-party cases were not run, ../shared/vectors is not there`);
  else console.log(`${name}: ${run} third-party cases run`);
  if (run !== 0 && run !== expected) throw new Error(`${name}: ${run} cases instead of ${expected}`);
}
