import { readFileSync, writeFileSync } from 'node:fs';
import { type BenchResult, formatTable } from './bars.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** Puts the table of a result between README's two marks. Throws an Error when they are not there. */
export function writeReadmeTable(result: BenchResult, path = 'README.md'): void {
  const readme = readFileSync(path, 'utf8');
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${path} lacks ${BEGIN} … ${END}`);
  const table = formatTable(result);
  writeFileSync(path, `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`);
}
