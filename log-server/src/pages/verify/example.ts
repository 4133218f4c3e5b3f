import { SAVED } from '../../words/verify.ts';
import type { Asked } from './checked.ts';

/** The worked example of docs/formats.md, which a saved copy of the page brings along: it has no log to take a live one from. */
export function readExample(): Asked | undefined {
  const block = document.getElementById('example-receipt');
  const logKey = block?.dataset.logKey;
  if (block === null || logKey === undefined) return undefined;
  return { receipt: block.textContent, name: SAVED.example, options: { logKeys: [logKey] } };
}
