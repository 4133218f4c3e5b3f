/** What is shown about a log without a receipt: the place of an entry (C2SP tlog-proof), and a proof of misbehaviour. */
import { utf8Decode, verifyTlogProof } from '@assent/verifier';
import { verifyMisbehaviour } from '@assent/verifier/misbehaviour';
import type { Pinned } from '../pinned.ts';
import { primitives } from '../primitives.ts';
import { conclude, type EvidenceReport, failed, passed, skipped } from './evidence-report.ts';

const MISBEHAVED = 'The log signed two heads that no tree has both';

export async function verifyEntryProof(
  bytes: Uint8Array,
  entry: Uint8Array | undefined,
  pinned: Pinned,
): Promise<EvidenceReport> {
  const text = utf8Decode(bytes);
  if (!text.ok) return conclude('tlog-proof', [failed('inclusion', 'The entry is in the tree', text)], '');
  const report = await verifyTlogProof(text.value, { ...pinned, ...(entry && { entry }), primitives });
  const { checks, log, unverified_log } = report;
  const good =
    log === undefined ? '' : `These ${entry?.length} bytes are entry ${log.index} of ${log.size} in ${log.origin}.`;
  return conclude('tlog-proof', checks, good, { ...(log && { log }), ...(unverified_log && { unverified_log }) });
}

export async function verifyMisbehaviourProof(bytes: Uint8Array, { logKeys }: Pinned): Promise<EvidenceReport> {
  if (logKeys.length === 0) {
    const detail = 'The key of the log is needed: without it anybody could have signed these heads.';
    return conclude('misbehaviour', [skipped('misbehaviour', MISBEHAVED, 'no_log_key', detail)], '');
  }
  const verified = await verifyMisbehaviour(bytes, { logKeys, primitives });
  if (!verified.ok) {
    const { code, detail } = verified;
    const check =
      code === 'unsupported'
        ? skipped('misbehaviour', MISBEHAVED, code, `${detail}.`)
        : failed('misbehaviour', MISBEHAVED, verified);
    return conclude('misbehaviour', [check], '');
  }
  const { origin, detail } = verified.value;
  const good = `${origin} signed two histories. ${detail}`;
  return conclude('misbehaviour', [passed('misbehaviour', MISBEHAVED, detail)], good);
}
