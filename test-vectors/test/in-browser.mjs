// What page and worker import: all vectors against the built file.
import * as verifier from '/assent-verifier.mjs';
import { runWithMlDsa } from '/run.mjs';

const response = await fetch('/vectors.json');
export const outcome = await runWithMlDsa(verifier, await response.json());
