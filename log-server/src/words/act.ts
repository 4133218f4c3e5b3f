/** For those who are about to act on an approval. A script of its own has these words, for those who open that. */
export const ACT = {
  about: 'Paste the action that your system is about to run, not the one in the receipt.',
  label: 'The action, as JSON (assent/intent/v1)',
  go: 'Check it as of now',
  stop: 'Back to evidence alone',
} as const;
