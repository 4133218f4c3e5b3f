import type { Verdict } from '@assent/verifier';

/**
 * How every command ends, so that scripts can tell bad evidence from a bad line or a bad command. Documented in
 * docs/cli.md; a code never changes its meaning.
 */
export const EXIT = {
  /** Done; for `verify`: authorized or authentic. */
  ok: 0,
  /** Proven bad: invalid or refused, also evidence that cannot be read. */
  bad: 1,
  /** The command cannot be carried out as it was given; for `verify` also: some evidence could not be checked. */
  usage: 2,
  /** The other side was not reached, or did not answer as it should. */
  network: 3,
  /** The API key is missing, wrong, or has no right to that. */
  authentication: 4,
  /** A bug in this program (sysexits.h, EX_SOFTWARE): neither good nor bad news about the evidence. */
  bug: 70,
  /** Ctrl-C or SIGTERM (128 + SIGINT, as shells say it): what was done so far is kept. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `
Exit codes:
  0  done; the evidence is authentic or authorized
  1  proven bad: invalid, refused, or unreadable evidence
  2  wrong usage, or incomplete: some evidence could not be checked
  3  network: not reached, or no proper answer
  4  authentication: the log does not accept the API key
  70 a bug in assent, which says nothing about the evidence
  130 stopped by Ctrl-C`;

/** How a command ends that has shown a verdict. */
export function exitCodeOf(verdict: Verdict, required: 'authentic' | 'authorized'): ExitCode {
  if (verdict === 'authorized') return EXIT.ok;
  if (verdict === 'authentic') return required === 'authentic' ? EXIT.ok : EXIT.usage;
  return verdict === 'incomplete' ? EXIT.usage : EXIT.bad;
}
