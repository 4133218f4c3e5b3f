/** The tree and what is said about it: merkle, inclusion, consistency, heads, misbehaviour, tile, bundle, note, vkey, checkpoint, cosignature, log-policy, tlog-proof, tree-head. */
import type { Cosigner, LogPolicy, NoteVerifier, UnverifiedHead } from '@assent/verifier';
import {
  bytesListOf,
  bytesOf,
  mapped,
  numberOf,
  type Operation,
  type Operations,
  objectOf,
  textOf,
  textsOf,
  unwrap,
  type Verifier,
} from './verifier.ts';

type Input = Parameters<Operation>[1];
export const treeOperations: Operations = {
  merkle: {
    leaf_hash: (v, input) => hexResult(v, v.leafHash(bytesOf(v, input, 'entry'))),
    node_hash: (v, input) => hexResult(v, v.nodeHash(bytesOf(v, input, 'left'), bytesOf(v, input, 'right'))),
    empty_root: (v) => hexResult(v, v.emptyRoot()),
  },
  inclusion: {
    check: (v, input) =>
      mapped(
        v.checkInclusion({
          index: numberOf(input, 'index'),
          size: numberOf(input, 'size'),
          leafHash: bytesOf(v, input, 'leaf_hash'),
          proof: bytesListOf(v, input, 'proof'),
          root: bytesOf(v, input, 'root'),
        }),
        () => 'included',
      ),
  },
  consistency: {
    check: (v, input) =>
      mapped(
        v.checkConsistency({
          from: numberOf(input, 'from'),
          to: numberOf(input, 'to'),
          ...('from_root' in input && { fromRoot: bytesOf(v, input, 'from_root') }),
          toRoot: bytesOf(v, input, 'to_root'),
          proof: bytesListOf(v, input, 'proof'),
        }),
        () => 'consistent',
      ),
  },
  heads: {
    compare: async (v, input) => {
      const { from_root: fromRoot } = input;
      const compared = await v.compareHeads(
        {
          older: headOf(input, 'older'),
          newer: headOf(input, 'newer'),
          proof: bytesListOf(v, input, 'proof'),
          ...(fromRoot !== undefined && { fromRoot: bytesOf(v, input, 'from_root') }),
        },
        { logKeys: textsOf(input, 'log_keys') },
      );
      return mapped(compared, ({ relation }) => relation);
    },
  },
  misbehaviour: {
    verify: async (v, input) =>
      mapped(
        await v.verifyMisbehaviour(bytesOf(v, input, 'document'), { logKeys: textsOf(input, 'log_keys') }),
        ({ origin, older, newer }) => ({ origin, older: older.size, newer: newer.size }),
      ),
  },
  tile: { parse_path: (v, input) => v.parseTilePath(textOf(input, 'path')) },
  bundle: {
    parse_path: (v, input) => v.parseBundlePath(textOf(input, 'path')),
    parse: (v, input) =>
      mapped(
        v.parseBundle(bytesOf(v, input, 'bundle'), 'width' in input ? numberOf(input, 'width') : undefined),
        (entries) => entries.map(v.hexEncode),
      ),
  },
  note: {
    parse: (v, input) =>
      mapped(v.parseNote(bytesOf(v, input, 'note')), ({ text, signatures }) => ({
        text,
        signatures: signatures.map(({ name, keyId, signature }) => ({
          name,
          key_id: keyId,
          signature: v.hexEncode(signature),
        })),
      })),
    verify: async (v, input) => {
      const note = v.parseNote(bytesOf(v, input, 'note'));
      if (!note.ok) return note;
      return mapped(await v.verifyNote(note.value, logKeys(v, input)), ({ verified }) =>
        verified.map(({ name }) => name),
      );
    },
  },
  vkey: {
    parse: (v, input) =>
      mapped(v.parseVkey(textOf(input, 'vkey')), (key) =>
        vkeyToVector(key.name, key.keyId, v.hexEncode(key.publicKey.raw)),
      ),
    parse_cosigner: (v, input) =>
      mapped(v.parseCosignerVkey(textOf(input, 'vkey')), ({ name, keyId, algorithm, raw }) => ({
        ...vkeyToVector(name, keyId, v.hexEncode(raw)),
        type: algorithm,
      })),
  },
  checkpoint: {
    parse: (v, input) =>
      mapped(v.parseCheckpoint(textOf(input, 'text')), ({ root, ...rest }) => ({ ...rest, root: v.hexEncode(root) })),
  },
  cosignature: {
    check: (v, input, primitives) =>
      v.checkCosignature(
        cosignerOf(v, input),
        bytesOf(v, input, 'timestamped_signature'),
        textOf(input, 'note_text'),
        primitives,
      ),
    verify: async (v, input) => {
      const note = unwrap(v.parseNote(textOf(input, 'note')));
      const cosigners = textsOf(input, 'cosigners').map((vkey) => unwrap(v.parseCosignerVkey(vkey)));
      const { verified, uncounted } = await v.verifyCosignatures(note, { cosigners, logKeys: logKeys(v, input) });
      return {
        ok: true,
        value: {
          verified: verified.map(({ cosigner, time }) => ({ name: cosigner.name, time })),
          uncounted: uncounted.map(({ cosigner, code }) => ({ name: cosigner.name, code })),
        },
      };
    },
  },
  'log-policy': {
    parse: (v, input) => mapped(v.parseLogPolicy(bytesOf(v, input, 'policy')), policyToVector),
    evaluate: (v, input) => {
      const policy = unwrap(v.parseLogPolicy(bytesOf(v, input, 'policy')));
      const seen = objectOf(input, 'seen');
      const cosignatures = policy.witnesses
        .filter(({ name }) => name in seen)
        .map(({ name, key }) => ({ cosigner: key, time: numberOf(seen, name) }));
      const { met, seenBy } = v.evaluateQuorum(policy, cosignatures);
      return { ok: true, value: { met, ...(seenBy !== undefined && { seen_by: seenBy }) } };
    },
  },
  'tlog-proof': {
    parse: (v, input) =>
      mapped(v.parseTlogProof(textOf(input, 'proof')), ({ index, proof, extra, checkpoint }) => ({
        index,
        proof: proof.map(v.hexEncode),
        ...(extra && { extra: v.hexEncode(extra) }),
        checkpoint,
      })),
  },
  'tree-head': {
    verify: async (v, input) => {
      const key = unwrap(v.parsePublicKey(bytesOf(v, input, 'spki')));
      return mapped(await v.verifySignedTreeHead(bytesOf(v, input, 'json'), key), ({ root, ...rest }) => ({
        ...rest,
        root: v.hexEncode(root),
      }));
    },
  },
};

/** `{ "checkpoint": … }` or `{ "sth": … }`, both text. */
function headOf(input: Input, name: string): UnverifiedHead {
  const head = objectOf(input, name);
  return 'sth' in head ? { sth: textOf(head, 'sth') } : { checkpoint: textOf(head, 'checkpoint') };
}

function hexResult(v: Verifier, bytes: Uint8Array): ReturnType<Operation> {
  return { ok: true, value: v.hexEncode(bytes) };
}

function logKeys(v: Verifier, input: Input): readonly NoteVerifier[] {
  return textsOf(input, 'log_keys').map((vkey) => unwrap(v.parseVkey(vkey)));
}

function cosignerOf(v: Verifier, input: Input): Cosigner {
  return unwrap(v.parseCosignerVkey(textOf(input, 'cosigner')));
}

function vkeyToVector(name: string, keyId: number, key: string) {
  return { name, key_id: keyId, key };
}

function policyToVector({ logs, witnesses, groups, quorum }: LogPolicy): unknown {
  return {
    logs: logs.map(({ key }) => key.name),
    witnesses: witnesses.map(({ name }) => name),
    groups: groups.map(({ name, threshold, members }) => ({ name, threshold, members })),
    quorum,
  };
}
