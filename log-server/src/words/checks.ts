/** What stands in each check. A script of its own has these words, for those who open one. */
import type { CheckId } from '@assent/verifier';

export const CHECK = {
  expected: 'Expected',
  computed: 'Computed',
  code: 'Code',
  compared: 'What was compared',
  proves: 'Proves',
  wouldProve: 'Would prove',
  leaves: 'Leaves open',
} as const;

/** What each check proves, and what it leaves open. */
export const CHECKS: Readonly<Record<CheckId, { readonly proves: string; readonly leaves: string }>> = {
  receipt: {
    proves: 'The file is a complete receipt.',
    leaves: 'Whether what it says is true.',
  },
  entry: {
    proves: 'The record can be read in one way only.',
    leaves: 'Whether it was logged.',
  },
  inclusion: {
    proves: 'Hashed upward, the entry leads to the root in the tree head.',
    leaves: 'Whether the tree head is the log’s.',
  },
  checkpoint: {
    proves: 'The holder of the log’s key signed this tree head.',
    leaves: 'Whether it showed the same to everybody.',
  },
  witnesses: {
    proves: 'Enough of the witnesses saw the same log, at that time.',
    leaves: 'How much older it is.',
  },
  content: {
    proves: 'What is shown here is what was signed.',
    leaves: 'Whether the screen showed it.',
  },
  signatures: {
    proves: 'Each key signed exactly this decision. With a passkey: somebody was there, at that website.',
    leaves: 'Whose keys they are.',
  },
  intent: {
    proves: 'The action that you are about to run is the approved one.',
    leaves: 'Whether it is then run so.',
  },
  trust: {
    proves: 'Your organization lists the keys, and they were valid at the time.',
    leaves: 'Whether the device was in its owner’s hands.',
  },
  revocation: {
    proves: 'No key was reported stolen, as far as your newest list knows.',
    leaves: 'Whether there is a newer list.',
  },
  policy: {
    proves: 'Enough people approved, as your rules ask for.',
    leaves: 'Whether the rules are wise.',
  },
  window: {
    proves: 'It was logged in time, and has not expired at the time that you ask about.',
    leaves: 'Whether your clock is right.',
  },
  use: {
    proves: 'An approval for one use was not used before.',
    leaves: 'Whether what was run had its effect.',
  },
};

/** Of the check `use`, where the log knows of the use. */
export const USED = { on: 'On ', proven: '”. The proof of it holds.' } as const;
export const CONFIRMED = { by: 'Confirmed by ', enough: '; enough of them by ' } as const;
