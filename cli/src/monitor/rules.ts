/**
 * What a monitor is to tell about the entries of a log.
 *
 *     { "type": "assent/monitor-rules/v1", "rules": [
 *         { "id": "payments", "action": "payment.*", "decision": "approved" },
 *         { "id": "alice", "holder": "alice@example.com" },
 *         { "id": "strangers", "when": "untrusted_key" },
 *         { "id": "forgotten", "when": "unconsumed", "after_seconds": 3600, "action": "payment.*" },
 *         { "id": "out-of-nowhere", "when": "unapproved" } ] }
 *
 * An entry has to fit all members of a rule that say what it is about. `key` is a keyid; in the others a final `*` stands for one
 * character or more. A consumption has the service, action, connector and requester of the approval that it uses up.
 */
import { type Json, type JsonObject, matchesPattern } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { isObject } from '../http/problem.ts';
import type { EntryFacts } from './entry-facts.ts';

export const RULES_TYPE = 'assent/monitor-rules/v1';

/** When a rule speaks: at an entry; at one by a key that did not count then; at an approval that nobody used, or a use of none. */
const WHENS = ['logged', 'untrusted_key', 'unconsumed', 'unapproved'] as const;
export type When = (typeof WHENS)[number];

const KINDS = ['approval', 'consumption', 'trust-root'] as const;
const DECISIONS = ['approved', 'rejected', 'expired'] as const;
const PATTERNS = ['holder', 'service', 'action', 'connector', 'requester'] as const;
const MAX_RULES = 1000;

export type Rule = {
  readonly id: string;
  readonly when: When;
  /** `unconsumed` alone. */
  readonly afterMs?: number;
  readonly about: About;
};

export type About = { readonly [name in (typeof PATTERNS)[number] | 'key' | 'kind' | 'decision']?: string };

/** Throws CommandFailure `file_malformed`. @param file for messages */
export function parseRules(document: Json, file: string): readonly Rule[] {
  const wrong = (why: string) => new CommandFailure('file_malformed', `${file}: ${why}`);
  if (!isObject(document) || document.type !== RULES_TYPE) throw wrong(`it is no ${RULES_TYPE}`);
  const { type: _, rules, ...more } = document;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw wrong(`there is no member ${unknown}`);
  if (!Array.isArray(rules) || rules.length > MAX_RULES) throw wrong(`"rules" is no list of at most ${MAX_RULES}`);
  const parsed = rules.map((rule, index) => {
    const where = `rules[${index}]`;
    if (!isObject(rule)) throw wrong(`${where} is no object`);
    return parseRule(rule, (why) => wrong(`${where}${why}`));
  });
  const ids = parsed.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw wrong(`two rules have the id ${twice}`);
  return parsed;
}

function parseRule(rule: JsonObject, wrong: (why: string) => CommandFailure): Rule {
  const { id, when = 'logged', after_seconds: after, ...about } = rule;
  if (typeof id !== 'string' || !/^[A-Za-z0-9._:/@+-]{1,128}$/.test(id)) throw wrong('.id is no identifier');
  const known = WHENS.find((name) => name === when);
  if (known === undefined) throw wrong(`.when is none of ${WHENS.join(', ')}`);
  if ((known === 'unconsumed') !== (after !== undefined)) throw wrong('.after_seconds goes with "when": "unconsumed"');
  if (after !== undefined && !(typeof after === 'number' && Number.isInteger(after) && after >= 1 && after <= 1e9)) {
    throw wrong('.after_seconds is no whole number of seconds');
  }
  for (const [name, value] of Object.entries(about)) checkMember(name, value, wrong);
  // Of an approval that is nowhere nothing else is known.
  const unknown = Object.keys(about).find((name) => name !== 'key' && name !== 'holder');
  if (known === 'unapproved' && unknown !== undefined) throw wrong(`.${unknown} does not go with "when": "unapproved"`);
  return { id, when: known, about: about as About, ...(typeof after === 'number' && { afterMs: after * 1000 }) };
}

function checkMember(name: string, value: Json, wrong: (why: string) => CommandFailure): void {
  if (typeof value !== 'string') throw wrong(`.${name} is no text`);
  if (name === 'key') {
    if (!/^sha256:[0-9a-f]{64}$/.test(value)) throw wrong('.key is no keyid: sha256:<64 hexadecimal digits>');
  } else if (name === 'kind') {
    if (!(KINDS as readonly string[]).includes(value)) throw wrong(`.kind is none of ${KINDS.join(', ')}`);
  } else if (name === 'decision') {
    if (!(DECISIONS as readonly string[]).includes(value)) throw wrong(`.decision is none of ${DECISIONS.join(', ')}`);
  } else if (!(PATTERNS as readonly string[]).includes(name)) {
    throw wrong(`: there is no member ${name}`);
  } else if (!/^[^*]*\*?$/.test(value) || value === '') {
    // As in policies: `*.refund` would invite names that were made to fit.
    throw wrong(`.${name} has its * somewhere else than at the end`);
  }
}

/** Whether the entry is what the rule is about. */
export function isAbout({ about }: Rule, facts: EntryFacts): boolean {
  const { key, kind, decision, holder, ...patterns } = about;
  if (key !== undefined && !facts.keys.some(({ keyid }) => keyid === key)) return false;
  if (kind !== undefined && facts.kind !== kind) return false;
  if (decision !== undefined && facts.decision !== decision) return false;
  if (holder !== undefined && !holdersOf(facts).some((name) => matchesPattern(holder, name))) return false;
  return Object.entries(patterns).every(([name, pattern]) => {
    const value = facts[name as keyof typeof patterns];
    return pattern === undefined || (value !== undefined && matchesPattern(pattern, value));
  });
}

/** Who signed, by the trust root, and for whom a service spoke. */
function holdersOf({ keys, attested = [] }: EntryFacts): readonly string[] {
  return [...keys.flatMap(({ holder }) => (holder === undefined ? [] : [holder])), ...attested];
}
