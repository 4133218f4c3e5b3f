/**
 * Whether this is the copy that is kept on a disk: it asks nobody, as its own policy forbids it. The build says so, and leaves out
 * of each of the two what only the other one needs (build-verify.ts).
 */
declare const BUILT_TO_BE_SAVED: boolean;
export const IS_SAVED = BUILT_TO_BE_SAVED;
