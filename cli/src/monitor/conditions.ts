import { formatTime, type Json } from '@assent/verifier';
import type { Condition, EventParts } from './event.ts';
import type { Draft } from './monitor-state.ts';

/** What is wrong with a log as long as it is: told once when it begins and once when it is over. */
export class Conditions {
  readonly #draft: Draft;
  readonly #log: string;
  readonly #tell: (parts: EventParts) => void;

  constructor(draft: Draft, log: string, tell: (parts: EventParts) => void) {
    this.#draft = draft;
    this.#log = log;
    this.#tell = tell;
  }

  isSo(name: Condition): boolean {
    return this.#draft.conditions[name] !== undefined;
  }

  begin(name: Condition, detail: string, evidence?: Json): void {
    if (this.isSo(name)) return;
    const since = Date.now();
    this.#draft.conditions = { ...this.#draft.conditions, [name]: since };
    const parts = {
      code: name,
      severity: 'alarm',
      log: this.#log,
      detail,
      since: formatTime(since),
      about: since,
    } as const;
    this.#tell({ ...parts, ...(evidence !== undefined && { evidence }) });
  }

  end(name: Condition, detail: string): void {
    const { [name]: since, ...others } = this.#draft.conditions;
    if (since === undefined) return;
    this.#draft.conditions = others;
    const severity = 'recovery';
    this.#tell({ code: `${name}_over`, severity, log: this.#log, detail, since: formatTime(since), about: since });
  }
}
