/** Checks that are made one after the other, each of which may fail without ending the others. */
import { CommandFailure, type FailureKind } from '../failure.ts';

export type Finding = {
  readonly id: string;
  readonly status: 'pass' | 'fail' | 'skip';
  /** Why it failed: as another command would have ended. */
  readonly code?: FailureKind;
  /** Of something that is wrong, what to do about it as well. */
  readonly detail: string;
};

export class Examination {
  readonly findings: Finding[] = [];

  /**
   * Notes what a check says: its words if it passes, its CommandFailure if it does not. Anything else that it throws is a bug.
   * @returns what the check found out, for those that build on it; undefined if it failed.
   */
  async check<T>(
    id: string,
    look: () => Promise<{ readonly value: T; readonly detail: string }>,
  ): Promise<T | undefined> {
    try {
      const { value, detail } = await look();
      this.findings.push({ id, status: 'pass', detail });
      return value;
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.findings.push({ id, status: 'fail', code: error.kind, detail: error.message });
      return undefined;
    }
  }

  skip(id: string, detail: string): void {
    this.findings.push({ id, status: 'skip', detail });
  }
}
