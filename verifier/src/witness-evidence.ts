/**
 * Who else saw the tree head, and since when: the check `witnesses` (formats.md §5, §7 and §11; C2SP tlog-cosignature and
 * tlog-policy).
 *
 * A quorum that is not reached is a check that could not be made, never one that failed: cosignatures arrive after the
 * log's own signature, and whoever takes one out of a receipt must not be able to make good evidence look bad.
 */
import { type CosignatureEvidence, verifyCosignatures } from './cosignature.ts';
import type { LogPolicy, PolicyWitness } from './log-policy.ts';
import { NO_QUORUM } from './log-policy.ts';
import type { PinnedLogs } from './pinned-logs.ts';
import type { Primitives } from './primitives.ts';
import { evaluateQuorum, type QuorumGap } from './quorum.ts';
import { type Check, passed, skipped, type WitnessFacts } from './report.ts';
import type { Note } from './signed-note.ts';
import { formatTime } from './time.ts';

export type WitnessEvidence = { readonly check: Check; readonly facts: WitnessFacts };

/** @param note whose text is a checkpoint. What it gives holds only if the log signed it. Never rejects for bad evidence. */
export async function checkCosignatures(
  note: Note,
  { policy, knownLogKeys }: PinnedLogs,
  primitives: Primitives,
): Promise<WitnessEvidence> {
  const cosigners = policy.witnesses.map(({ key }) => key);
  const cosignatures = await verifyCosignatures(note, { cosigners, logKeys: knownLogKeys }, primitives);
  const witnesses = cosignatures.verified
    .map(({ cosigner, time }) => ({ name: nameOf(policy, cosigner.vkey), time: formatTime(time) }))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const { met, seenBy, gaps } = evaluateQuorum(policy, cosignatures.verified);
  const seen = witnesses.map(({ name, time }) => `${name} (${time})`).join(', ');
  if (policy.quorum === NO_QUORUM) {
    const word = 'No witnesses are asked for: only the log itself vouches that everyone is shown the same tree.';
    const detail = seen === '' ? word : `${word} It was cosigned all the same, by ${seen}.`;
    return { check: passed('witnesses', detail, { code: 'no_quorum' }), facts: { witnesses } };
  }
  if (!met || seenBy === undefined) {
    const detail = `The quorum is not reached yet: ${gaps.map(gapText).join('; ')}.${uncountedText(policy, cosignatures)}`;
    return { check: skipped('witnesses', 'quorum_not_reached', detail), facts: { witnesses } };
  }
  const seenByText = formatTime(seenBy);
  const detail = `Cosigned by ${seen}: the quorum "${policy.quorum}" was reached at ${seenByText}.`;
  return { check: passed('witnesses', detail), facts: { witnesses, seen_by: seenByText } };
}

/** The name that the policy gives it. */
function nameOf({ witnesses }: LogPolicy, vkey: string): string {
  const isOf = ({ key }: PolicyWitness) => key.vkey === vkey;
  return witnesses.find(isOf)?.name ?? vkey;
}

function gapText({ name, needs, has, absent }: QuorumGap): string {
  return absent.length === 0
    ? `${name} has not cosigned`
    : `${name} needs ${needs} and has ${has} (missing: ${absent.join(', ')})`;
}

function uncountedText(policy: LogPolicy, { uncounted }: CosignatureEvidence): string {
  if (uncounted.length === 0) return '';
  const lines = uncounted.map(({ cosigner, code }) => `${nameOf(policy, cosigner.vkey)} (${code})`);
  return ` Lines that do not count: ${lines.join(', ')}.`;
}
