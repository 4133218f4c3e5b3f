/**
 * Makes all vector files, always the same bytes.
 *
 *     npm run generate -w test-vectors       writes them
 *     npx tsx --conditions=assent-source test-vectors/src/generate.ts     says which would change, and exits with 1
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  approvalPolicyCases,
  consumptionCases,
  entryCases,
  envelopeCases,
  intentCases,
  sealedCases,
  statementCases,
  webauthnCases,
} from './formats/approvals.ts';
import { base64Cases, cborCases, decimalCases, hexCases, jcsCases, jsonCases, timeCases } from './formats/bytes.ts';
import { headsCases } from './formats/heads.ts';
import { coseKeyCases, ecdsaCases, signatureCases, spkiCases } from './formats/keys.ts';
import { misbehaviourCases } from './formats/misbehaviour.ts';
import {
  checkpointCases,
  cosignatureCases,
  logPolicyCases,
  noteCases,
  tlogProofCases,
  treeHeadCases,
  vkeyCases,
} from './formats/notes.ts';
import { mlDsaCases, profileCases } from './formats/profiles.ts';
import { gateCases, receiptCases } from './formats/receipts.ts';
import { bundleCases, consistencyCases, inclusionCases, merkleCases, tileCases } from './formats/tree.ts';
import { trustMembersCases, trustRootCases } from './formats/trust.ts';
import type { VectorFile } from './vectors.ts';

/** Where the files lie. */
export const FOLDER = new URL('../', import.meta.url);

const FORMATS: readonly (() => VectorFile)[] = [
  base64Cases,
  hexCases,
  timeCases,
  decimalCases,
  jsonCases,
  jcsCases,
  cborCases,
  ecdsaCases,
  spkiCases,
  coseKeyCases,
  signatureCases,
  merkleCases,
  inclusionCases,
  consistencyCases,
  tileCases,
  bundleCases,
  noteCases,
  vkeyCases,
  checkpointCases,
  cosignatureCases,
  logPolicyCases,
  tlogProofCases,
  treeHeadCases,
  webauthnCases,
  envelopeCases,
  intentCases,
  statementCases,
  entryCases,
  sealedCases,
  consumptionCases,
  approvalPolicyCases,
  trustRootCases,
  trustMembersCases,
  receiptCases,
  gateCases,
  headsCases,
  misbehaviourCases,
  profileCases,
  mlDsaCases,
];

export function generateVectors(): readonly VectorFile[] {
  return FORMATS.map((cases) => cases());
}

/** One case a line, so that a difference shows which case it is in. */
export function formatVectorFile({ format, about, cases }: VectorFile): string {
  const lines = cases.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
  return `{\n  "format": ${JSON.stringify(format)},\n  "about": ${JSON.stringify(about)},\n  "cases": [\n${lines}\n  ]\n}\n`;
}

/** As they lie in the folder, in the order of their names. */
export function readVectorFiles(): readonly VectorFile[] {
  return vectorFileNames().map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')));
}

export function vectorFileNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json') && name !== 'package.json')
    .sort();
}

/** Names of the files whose bytes are not those that are generated, of missing ones and of those that nothing generates. */
export function changedFiles(files: readonly VectorFile[]): readonly string[] {
  const wanted = new Map(files.map((file) => [`${file.format}.json`, formatVectorFile(file)]));
  const changed = [...wanted].filter(([name, content]) => {
    const url = new URL(name, FOLDER);
    return !existsSync(url) || readFileSync(url, 'utf8') !== content;
  });
  return [...changed.map(([name]) => name), ...vectorFileNames().filter((name) => !wanted.has(name))];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = generateVectors();
  const changed = changedFiles(files);
  const count = files.reduce((sum, { cases }) => sum + cases.length, 0);
  if (process.argv.includes('--write')) {
    for (const name of vectorFileNames()) rmSync(new URL(name, FOLDER));
    for (const file of files) writeFileSync(new URL(`${file.format}.json`, FOLDER), formatVectorFile(file));
    console.log(`${count} cases in ${files.length} files, of which ${changed.length} changed`);
  } else if (changed.length > 0) {
    console.error(`other than generated: ${changed.join(', ')}`);
    process.exitCode = 1;
  }
}
