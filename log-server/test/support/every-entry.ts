import {
  createApproval,
  createAuthenticator,
  createConsumption,
  createServiceKey,
  createTrustVersion,
} from '@assent/test-support';
import { agentmintToken, dsseEnvelope } from '@assent/test-support/foreign-evidence';
import {
  base64Encode,
  createSalt,
  formatTime,
  hexEncode,
  type Json,
  type JsonObject,
  sha256,
  utf8Encode,
} from '@assent/verifier';
import type { Database } from '../../src/database/connect.ts';
import type { Log } from '../../src/log.ts';
import { insertWithheld } from '../../src/store/withheld.ts';
import { ORIGIN } from './test-log.ts';
import { eventually } from './witnessed-log.ts';

const RIGHTS = { services: ['*'], boundaries: ['*'], trustRoots: ['*'], foreign: true, blind: true };

/** Everything that somebody who means no good would write into a field that takes any text. */
export const HOSTILE = [
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '</title></textarea></details><h1>Verified</h1>',
  'to Alice\u202e00.1 DSU\u202c',
  'Ac\u200bme, \u0410cme, \u{1d400}cme',
  '\u0000\u001b[31m\u2028\u2029\ufeff',
  "&lt;b&gt; $& $` $' {{x}} <!-- server: head --> <!-- demo -->",
  'W'.repeat(400),
].join(' ');

export type EntryName =
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'attested'
  | 'revealed'
  | 'sealed'
  | 'consumption'
  | 'firstRoot'
  | 'secondRoot'
  | 'foreign'
  | 'hostile'
  | 'opaque'
  | 'longNames'
  | 'withheld';

/**
 * Appends one entry of each sort, those that belong together among them. @param clock the log's: the time now, ms
 *
 * @returns their indexes
 */
export async function appendEveryEntry(
  log: Log,
  database: Database,
  clock: () => number = Date.now,
): Promise<Readonly<Record<EntryName, number>>> {
  const append = async (content: Json, kind = 'approval', more: object = {}): Promise<number> => {
    const { index } = await log.append({ kind, content, ...more }, RIGHTS);
    return index;
  };
  const site = { rpId: 'approvals.example.com' };
  const alice = createAuthenticator(site);
  const bob = createAuthenticator(site);
  const service = createServiceKey();
  const boundary = createServiceKey();
  const rootKeys = [createServiceKey(), createServiceKey(), createServiceKey()];
  const firstVersion = createTrustVersion({ rootKeys, threshold: 2, issuedAt: clock() });
  const secondVersion = createTrustVersion({ previous: firstVersion });
  const firstRoot = await append(firstVersion.envelope, 'trust-root');
  const secondRoot = await append(secondVersion.envelope, 'trust-root');
  const origin = ORIGIN;

  const approval = createApproval({
    origin,
    now: clock(),
    authenticator: [alice, bob],
    display: 'Refund 42.00 USD to the customer of charge ch_9',
    overrides: {
      organization: firstVersion.digest,
      policy: { digest: `sha256:${hexEncode(sha256(utf8Encode('the rules')))}`, rule: 'refund-over-100' },
      boundaries: [boundary.publicKey.keyid],
    },
  });
  const { intent } = approval;
  const approved = await append(approval.envelope);
  const rejected = await append(
    createApproval({ origin, now: clock(), authenticator: bob, intent, overrides: { decision: 'rejected' } }).envelope,
  );
  const expired = await append(
    // Its time is up by now.
    createApproval({ origin, now: clock() - 900_000, serviceKey: service, overrides: { decision: 'expired' } })
      .envelope,
  );
  const asked = clock();
  const attested = await append(
    createApproval({
      origin,
      now: asked,
      serviceKey: service,
      overrides: {
        use: 'multiple',
        attested: [
          { approver: 'alice@example.com', role: 'finance', method: 'totp', at: formatTime(asked) },
          { approver: 'bob@example.com', role: 'security', method: 'hardware_key', at: formatTime(asked) },
        ],
      },
    }).envelope,
  );
  const open = createApproval({ origin, now: clock(), authenticator: alice });
  const revealed = await append(open.envelope, 'approval', {
    visibility: 'revealed',
    intent: open.intent as unknown as Json,
  });
  const hidden = createApproval({ origin, now: clock(), authenticator: alice });
  const sealed = await append(hidden.envelope, 'approval', { visibility: 'sealed', salt: base64Encode(createSalt()) });
  const used = createConsumption({ approval, key: boundary, overrides: { at: formatTime(clock()) } });
  const body = Buffer.from(JSON.stringify({ kind: 'consumption', content: used.envelope }));
  const { index: consumption } = await log.consume(new Uint8Array(body), RIGHTS);
  const minted = (members: JsonObject = {}) => {
    const at = clock();
    return agentmintToken({ members: { ...members, iat: formatTime(at), exp: formatTime(at + 300_000) } });
  };
  const foreign = await append(minted());
  const hostile = await append(minted({ jti: HOSTILE, sub: HOSTILE, action: HOSTILE }));
  const opaque = await append(dsseEnvelope(`application/x-${HOSTILE}`, new TextEncoder().encode(HOSTILE)));
  const long = 'a-name-of-the-greatest-length-that-there-is.'.repeat(3).slice(0, 128);
  const longNames = await append(
    createApproval({
      origin,
      now: clock(),
      authenticator: alice,
      intent: { action: `payment.${'x'.repeat(120)}`.slice(0, 128), connector: long },
      overrides: { service: long, id: long, requester: long, decision: 'rejected' },
    }).envelope,
  );
  const withheld = await append(createApproval({ origin, now: clock(), authenticator: alice }).envelope);
  await insertWithheld(database.kysely, { index: withheld, reason: 'Court order 1 O 1/27', at: clock() });
  // A list of them is believed for two seconds.
  await eventually('the entry is withheld', async () => (await log.tree.withheldAmong(0, withheld + 1)).length > 0);
  return {
    approved,
    rejected,
    expired,
    attested,
    revealed,
    sealed,
    consumption,
    firstRoot,
    secondRoot,
    foreign,
    hostile,
    opaque,
    longNames,
    withheld,
  };
}
