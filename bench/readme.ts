import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** Puts a table between README's two marks. Throws an Error when they are not there. */
export function writeReadmeTable(table: string, path = 'README.md'): void {
  const readme = readFileSync(path, 'utf8');
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${path} lacks ${BEGIN} … ${END}`);
  writeFileSync(path, `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`);
}
