/** An inspection for people. All that it quotes comes from outside, names of members too, so all of it is escaped. */
import { type Paint, painter } from '../terminal/paint.ts';
import { safeExcerpt } from '../terminal/safe-text.ts';
import type { Inspection, Row } from './inspection.ts';

export const NOTHING_VERIFIED = 'Nothing is verified by this: it says what stands there, not whether it is true.';

/** `--json` has values whole. */
const MAX_VALUE = 300;
const MAX_LABEL = 60;
const WIDEST_LABELS = 20;

export function inspectionText(inspection: Inspection, about: string, stream: NodeJS.WriteStream): string {
  const paint = painter(stream);
  const [title, ...rest] = inspectionLines(inspection, '', paint);
  return `${[title, paint('dim', safeExcerpt(about, MAX_VALUE)), paint('yellow', NOTHING_VERIFIED), '', ...rest].join('\n')}\n`;
}

function inspectionLines({ title, where, problem, rows }: Inspection, indent: string, paint: Paint): readonly string[] {
  const place = where === undefined ? '' : paint('dim', ` (${where})`);
  return [
    `${indent}${paint('bold', safeExcerpt(title, MAX_VALUE))}${place}`,
    ...(problem === undefined
      ? []
      : [paint('red', `${indent}not well formed: ${safeExcerpt(problem.detail, MAX_VALUE)} (${problem.code})`)]),
    ...rowLines(rows, `${indent}  `, paint),
  ];
}

function rowLines(rows: readonly Row[], indent: string, paint: Paint): readonly string[] {
  const labels = rows.map(({ label }) => safeExcerpt(label, MAX_LABEL));
  const width = Math.min(WIDEST_LABELS, Math.max(0, ...labels.map((label) => label.length)));
  return rows.flatMap(({ value, note, inside, rows: members }, i) => {
    const label = value === undefined ? labels[i]! : labels[i]!.padEnd(width);
    const shown = value === undefined ? '' : `  ${safeExcerpt(value, MAX_VALUE)}`;
    const noted = note === undefined ? '' : paint('dim', `  — ${safeExcerpt(note, MAX_VALUE)}`);
    return [
      `${indent}${paint('cyan', label)}${shown}${noted}`.trimEnd(),
      ...(members === undefined ? [] : rowLines(members, `${indent}  `, paint)),
      ...(inside === undefined ? [] : inspectionLines(inside, `${indent}  `, paint)),
    ];
  });
}
