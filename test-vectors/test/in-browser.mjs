// What page and worker import: all vectors against the built file.
import * as verifier from '/assent-verifier.mjs';
import { runVectors } from '/run.mjs';

const response = await fetch('/vectors.json');
export const outcome = await runVectors(verifier, await response.json());
