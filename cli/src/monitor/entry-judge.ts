/** Which entries a monitor has something to tell about, and what. */
import { formatTime, type JsonObject } from '@assent/verifier';
import type { EntryFacts, ReadEntry } from './entry-facts.ts';
import type { EventParts } from './event.ts';
import type { LiveApproval, LiveApprovals } from './live-approvals.ts';
import { isAbout, type Rule } from './rules.ts';
import type { TrustedKeys } from './trusted-keys.ts';

/** What came before an entry. Times are milliseconds. */
export type Before = {
  /** Where the monitor began. */
  readonly began: number;
  /** Entries since then that are sealed or withheld, and could hold an approval. */
  readonly hidden: number;
  /** The newest `logged_at`. */
  readonly clock: number;
  /** When witnesses saw the tree without it: it did not exist then, whatever it says itself. */
  readonly unseenAt?: number | undefined;
};

/** Clocks differ, and a witness cosigns a head a little after the next entry came. */
const TOLERANCE_MS = 60_000;
/** A log refuses to append while its clock is a minute off: what is off by more is no clock's fault. */
const BACKDATED_MS = 5 * 60_000;

export type JudgeOptions = {
  readonly log: string;
  readonly rules: readonly Rule[];
  readonly trusted: TrustedKeys | undefined;
  readonly live: LiveApprovals;
};

export class EntryJudge {
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  judge(read: ReadEntry, index: number, before: Before): readonly EventParts[] {
    const { log, rules, trusted, live } = this.#options;
    if ('problem' in read) {
      const invalid = read.problem === 'invalid';
      const detail = invalid
        ? `entry ${index} is one that no log may take: ${read.detail}`
        : `entry ${index} is of a kind that this version does not know, and was not looked at: ${read.detail}`;
      const code = invalid ? 'invalid_entry' : 'unreadable_entry';
      return [{ code, severity: invalid ? 'alarm' : 'notice', log, detail, about: index }];
    }
    const { loggedAt } = read;
    const approval = read.facts.approval === undefined ? undefined : live.find(read.facts.approval);
    const whole = withApproval(read.facts, approval);
    const facts = trusted === undefined ? whole : trusted.named(whole, loggedAt);
    const events = rules
      .filter((rule) => isAbout(rule, facts))
      .flatMap((rule) => {
        if (rule.when === 'logged') return [this.#tell('match', 'notice', rule, facts, describe(facts))];
        if (rule.when === 'untrusted_key') return this.#judgeKeys(rule, facts, loggedAt, before);
        if (rule.when === 'unapproved') return this.#judgeUse(rule, facts, loggedAt, approval, before);
        return [];
      });
    if (facts.approval !== undefined) live.remove(facts.approval);
    live.add(facts, loggedAt);
    return [...this.#judgeTime(index, loggedAt, before), ...events, ...this.#judgeTrustRoot(facts)];
  }

  withheld(index: number): EventParts {
    const detail = `entry ${index} is withheld by the log, so no rule could look at it`;
    return { code: 'withheld', severity: 'notice', log: this.#options.log, detail, about: index };
  }

  /** Approvals that nobody has used in time. To be asked when all that the log shows has been read. */
  overdue(now: number): readonly EventParts[] {
    const { rules, live } = this.#options;
    return rules
      .filter(({ when }) => when === 'unconsumed')
      .flatMap((rule) =>
        live.takeOverdue(rule, now).map(({ facts }) => {
          const seconds = (rule.afterMs ?? 0) / 1000;
          return this.#tell(
            'unconsumed',
            'alarm',
            rule,
            facts,
            `nobody has used it within ${seconds} s: ${describe(facts)}`,
          );
        }),
      );
  }

  /** Of the organization whose trust root this is, unless the rule itself says what it is about. */
  #judgeKeys(rule: Rule, facts: EntryFacts, loggedAt: number, { unseenAt = 0 }: Before): readonly EventParts[] {
    const { trusted } = this.#options;
    if (trusted === undefined || facts.kind === 'trust-root') return [];
    if (facts.organization !== trusted.rootId && Object.keys(rule.about).length === 0) return [];
    // Whoever stole a key may have a log that backdates what he signs.
    const latest = { loggedAt, seenBy: Math.max(loggedAt, unseenAt - TOLERANCE_MS) };
    const bad = facts.keys.flatMap(({ keyid }) => {
      const judged = trusted.judge(keyid, latest);
      return judged.ok ? [] : [`${keyid}: ${judged.detail} (${judged.code})`];
    });
    if (bad.length === 0) return [];
    return [
      this.#tell('untrusted_key', 'alarm', rule, facts, `signed by a key that does not count: ${bad.join('; ')}`),
    ];
  }

  #judgeTime(index: number, loggedAt: number, { clock, unseenAt = 0 }: Before): readonly EventParts[] {
    const { log } = this.#options;
    const says = `entry ${index} says that it was logged at ${formatTime(loggedAt)}`;
    if (loggedAt < clock) {
      const detail = `${says}, before the entry that stands before it (${formatTime(clock)})`;
      return [{ code: 'invalid_entry', severity: 'alarm', log, detail, about: `${index} time` }];
    }
    if (loggedAt >= unseenAt - BACKDATED_MS) return [];
    const detail = `${says}, and witnesses saw the tree without it at ${formatTime(unseenAt)}`;
    return [{ code: 'backdated', severity: 'alarm', log, detail, about: index }];
  }

  /** The members of a version are not in the log, so its keys cannot be known from there. */
  #judgeTrustRoot({ index, trust_root: found }: EntryFacts): readonly EventParts[] {
    const known = found && this.#options.trusted?.precededBy(found.previous);
    if (found === undefined || known === undefined) return [];
    const detail = `entry ${index} is version ${found.version} of the trust root, and keys are judged by version ${known}: get it, and start again with it`;
    return [{ code: 'trust_root', severity: 'notice', log: this.#options.log, detail, about: index }];
  }

  #judgeUse(
    rule: Rule,
    facts: EntryFacts,
    loggedAt: number,
    approval: LiveApproval | undefined,
    { began, hidden }: Before,
  ): readonly EventParts[] {
    if (facts.approval === undefined) return [];
    if (approval === undefined) {
      const elsewhere = [
        ...(began > 0 ? [`it stands before entry ${began}, where this monitor began`] : []),
        ...(hidden > 0 ? [`it is one of the ${hidden} entries before that are sealed or withheld`] : []),
      ];
      const unless = elsewhere.length === 0 ? '' : `, unless ${elsewhere.join(' or ')}`;
      const detail = `it uses up ${facts.approval}, and no approval that could still be used has that digest: it was never logged, had expired, or was used before${unless}`;
      return [this.#tell('unapproved', elsewhere.length === 0 ? 'alarm' : 'notice', rule, facts, detail)];
    }
    const why = whyNotUsable(facts, loggedAt, approval);
    return why === undefined ? [] : [this.#tell('unapproved', 'alarm', rule, facts, why)];
  }

  #tell(
    code: EventParts['code'],
    severity: EventParts['severity'],
    { id: rule }: Rule,
    facts: EntryFacts,
    what: string,
  ): EventParts {
    const detail = `rule ${rule}, entry ${facts.index}: ${what}`;
    const entry = facts as unknown as JsonObject;
    return { code, severity, log: this.#options.log, detail, rule, entry, about: facts.index };
  }
}

/** A consumption names the approval by its digest alone. */
function withApproval(facts: EntryFacts, approval: LiveApproval | undefined): EntryFacts {
  if (approval === undefined) return facts;
  const { service, id, action, connector, requester, organization } = approval.facts;
  const known = { service, id, action, connector, requester, organization };
  return { ...facts, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) };
}

/** Why the log should have refused this consumption of an approval that is there. */
function whyNotUsable(
  facts: EntryFacts,
  loggedAt: number,
  { facts: approved, expiresAt }: LiveApproval,
): string | undefined {
  const where = `the approval that it uses up, entry ${approved.index},`;
  if (loggedAt >= expiresAt) return `${where} had expired`;
  if (facts.intent !== approved.intent) return `${where} is for another action`;
  if (!facts.keys.some(({ keyid }) => approved.boundaries?.includes(keyid))) return `${where} does not name its key`;
  return undefined;
}

function describe({
  kind,
  visibility,
  service,
  id,
  action,
  connector,
  decision,
  requester,
  keys,
  approval,
}: EntryFacts): string {
  const signers = [...new Set(keys.map(({ holder, keyid }) => holder ?? keyid))].join(', ');
  const by = signers === '' ? '' : `, signed by ${signers}`;
  if (visibility === 'sealed') return 'a sealed approval';
  if (kind === 'trust-root') return `a version of a trust root${by}`;
  if (kind === 'consumption') return `a use of ${service === undefined ? approval : `${service}/${id}`}${by}`;
  const what = action === undefined ? 'evidence of another system' : `${action} on ${connector}`;
  const who = requester === undefined ? '' : `, asked for by ${requester}`;
  return `${decision ?? 'no decision'}: ${what}${who}${service === undefined ? '' : ` (${service}/${id})`}${by}`;
}
