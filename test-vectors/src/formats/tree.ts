/** Cases of the tree: merkle, inclusion, consistency, tile, bundle. Expected hashes are made with node:crypto, by RFC 6962's definitions. */
import { createHash } from 'node:crypto';
import { hexEncode, type JsonObject } from '@assent/verifier';
import { referenceConsistency, referenceInclusion, referenceRoot } from '../../../verifier/test/rfc6962-reference.ts';
import { bytes, hex, text, vectorFile } from '../cases.ts';
import type { VectorFile } from '../vectors.ts';

const ENTRIES = Array.from({ length: 64 }, (_, index) => new Uint8Array(Buffer.from(`entry ${index}`)));
const LEAVES = ENTRIES.map(leaf);

function leaf(entry: Uint8Array): Uint8Array {
  return referenceRoot([entry]);
}

function node(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
}

export function merkleCases(): VectorFile {
  return vectorFile('merkle', 'Hashes of RFC 6962 §2.1. `result` is hexadecimal.', ({ good }) => {
    good(
      'the root of no entries',
      'empty_root',
      {},
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    for (const entry of ['', 'entry', '€', 'x'.repeat(100)]) {
      good(
        `a leaf of ${Buffer.byteLength(entry)} bytes`,
        'leaf_hash',
        { entry: entry === '' ? hex('') : text(entry) },
        hexEncode(leaf(new Uint8Array(Buffer.from(entry)))),
      );
    }
    const [a, b] = [LEAVES[0]!, LEAVES[1]!];
    good('a node', 'node_hash', { left: bytes(a), right: bytes(b) }, node(a, b).toString('hex'));
    good(
      'the same with its sides exchanged',
      'node_hash',
      { left: bytes(b), right: bytes(a) },
      node(b, a).toString('hex'),
    );
  });
}

export function inclusionCases(): VectorFile {
  return vectorFile('inclusion', 'Inclusion proofs: RFC 6962 §2.1.1.', ({ good, bad }) => {
    const input = (index: number, size: number) => inclusionInput(index, size);
    const places: readonly [number, number][] = [
      [0, 1],
      [0, 2],
      [1, 2],
      [2, 3],
      [0, 7],
      [3, 7],
      [6, 7],
      [4, 8],
      [9, 10],
      [31, 33],
      [32, 33],
      [40, 64],
    ];
    for (const [index, size] of places) good(`index ${index} of ${size}`, 'check', input(index, size), 'included');
    const sound = input(3, 7);
    const proof = referenceInclusion(3, ENTRIES.slice(0, 7)).map(bytes);
    const change = (more: JsonObject): JsonObject => ({ ...sound, ...more });
    const otherHash = bytes(LEAVES[60]!);
    bad('another index', 'check', change({ index: 2 }), 'inclusion_mismatch');
    bad('another root', 'check', change({ root: otherHash }), 'inclusion_mismatch');
    bad('another leaf', 'check', change({ leaf_hash: otherHash }), 'inclusion_mismatch');
    good(
      'another size whose path is the same, which only the signed tree head tells apart',
      'check',
      change({ size: 8 }),
      'included',
    );
    proof.forEach((_, at) => {
      bad(
        `hash ${at} of the proof is another`,
        'check',
        change({ proof: proof.with(at, otherHash) }),
        'inclusion_mismatch',
      );
    });
    bad('two hashes exchanged', 'check', change({ proof: [proof[1]!, proof[0]!, proof[2]!] }), 'inclusion_mismatch');
    bad('a hash is missing', 'check', change({ proof: proof.slice(1) }), 'inclusion_length');
    bad('a hash too many', 'check', change({ proof: [...proof, otherHash] }), 'inclusion_length');
    bad('no proof', 'check', change({ proof: [] }), 'inclusion_length');
    bad('a proof for the only entry', 'check', { ...input(0, 1), proof: [otherHash] }, 'inclusion_length');
    bad('an index beyond the tree', 'check', change({ index: 7 }), 'index_out_of_range');
    bad('an empty tree', 'check', change({ index: 0, size: 0, proof: [] }), 'index_out_of_range');
    bad('a root of 31 bytes', 'check', change({ root: bytes(LEAVES[0]!.subarray(1)) }), 'hash_length');
    bad(
      'a leaf hash of 33 bytes',
      'check',
      change({ leaf_hash: bytes(Buffer.concat([LEAVES[3]!, Buffer.of(0)])) }),
      'hash_length',
    );
    bad('a hash of no bytes', 'check', change({ proof: proof.with(0, hex('')) }), 'hash_length');
    const [a, b] = [LEAVES[0]!, LEAVES[1]!];
    bad(
      'a node in the place of a leaf',
      'check',
      { ...input(0, 2), leaf_hash: bytes(node(a, b)), root: bytes(node(a, b)), size: 2 },
      'inclusion_mismatch',
    );
  });
}

function inclusionInput(index: number, size: number): JsonObject {
  const entries = ENTRIES.slice(0, size);
  return {
    index,
    size,
    leaf_hash: bytes(LEAVES[index]!),
    proof: referenceInclusion(index, entries).map(bytes),
    root: bytes(referenceRoot(entries)),
  };
}

export function consistencyCases(): VectorFile {
  const about =
    'Consistency proofs: RFC 6962 §2.1.2. Without `from_root`, of an empty tree, nothing is compared with it.';
  return vectorFile('consistency', about, ({ good, bad }) => {
    const pairs: readonly [number, number][] = [
      [1, 2],
      [1, 3],
      [2, 3],
      [3, 7],
      [4, 7],
      [6, 8],
      [6, 7],
      [7, 7],
      [8, 33],
      [17, 64],
      [32, 64],
      [63, 64],
    ];
    for (const [from, to] of pairs) good(`from ${from} to ${to}`, 'check', consistencyInput(from, to), 'consistent');
    const empty = { from: 0, to: 7, to_root: bytes(referenceRoot(ENTRIES.slice(0, 7))), proof: [] };
    good('from an empty tree', 'check', empty, 'consistent');
    good('from an empty tree, with its root', 'check', { ...empty, from_root: bytes(referenceRoot([])) }, 'consistent');
    good(
      'an empty tree with itself',
      'check',
      { ...empty, to: 0, from_root: bytes(referenceRoot([])), to_root: bytes(referenceRoot([])) },
      'consistent',
    );
    const sound = consistencyInput(3, 7);
    const proof = referenceConsistency(3, ENTRIES.slice(0, 7)).map(bytes);
    const otherHash = bytes(LEAVES[60]!);
    const change = (more: JsonObject): JsonObject => ({ ...sound, ...more });
    bad('another root of the old tree', 'check', change({ from_root: otherHash }), 'consistency_mismatch');
    bad('another root of the new tree', 'check', change({ to_root: otherHash }), 'consistency_mismatch');
    proof.forEach((_, at) => {
      bad(
        `hash ${at} of the proof is another`,
        'check',
        change({ proof: proof.with(at, otherHash) }),
        'consistency_mismatch',
      );
    });
    bad(
      'equal sizes and different roots',
      'check',
      { ...consistencyInput(7, 7), to_root: otherHash },
      'consistency_mismatch',
    );
    bad('an empty tree with a root of its own', 'check', { ...empty, from_root: otherHash }, 'consistency_mismatch');
    bad('a hash is missing', 'check', change({ proof: proof.slice(1) }), 'consistency_length');
    bad('a hash too many', 'check', change({ proof: [...proof, otherHash] }), 'consistency_length');
    bad('equal sizes and a proof', 'check', { ...consistencyInput(7, 7), proof: [otherHash] }, 'consistency_length');
    bad('from an empty tree, with a proof', 'check', { ...empty, proof: [otherHash] }, 'consistency_length');
    bad('a tree that shrinks', 'check', change({ from: 8 }), 'index_out_of_range');
    bad('a root of 31 bytes', 'check', change({ to_root: bytes(LEAVES[0]!.subarray(1)) }), 'hash_length');
    bad('a hash of no bytes', 'check', change({ proof: proof.with(0, hex('')) }), 'hash_length');
    bad(
      'an old root of 33 bytes',
      'check',
      change({ from_root: bytes(Buffer.concat([LEAVES[0]!, Buffer.of(0)])) }),
      'hash_length',
    );
  });
}

function consistencyInput(from: number, to: number): JsonObject {
  const entries = ENTRIES.slice(0, to);
  return {
    from,
    to,
    from_root: bytes(referenceRoot(ENTRIES.slice(0, from))),
    to_root: bytes(referenceRoot(entries)),
    proof: referenceConsistency(from, entries).map(bytes),
  };
}

export function tileCases(): VectorFile {
  const about = 'Paths of tiles: C2SP tlog-tiles. `width` is 256 for a full one.';
  return vectorFile('tile', about, ({ good, bad }) => {
    const parse = (name: string, tile: string, level: number, index: number, width: number) =>
      good(name, 'parse_path', { path: tile }, { level, index, width });
    parse('a full tile', 'tile/0/000', 0, 0, 256);
    parse('a partial tile', 'tile/1/000.p/17', 1, 0, 17);
    parse('a tile in directories', 'tile/0/x001/x234/067', 0, 1_234_067, 256);
    parse('index 1000', 'tile/0/x001/000', 0, 1000, 256);
    parse('the highest level', 'tile/63/000.p/1', 63, 0, 1);
    parse('the widest partial tile', 'tile/2/999.p/255', 2, 999, 255);
    const refused: readonly [string, string][] = [
      ['nothing', ''],
      ['level 64', 'tile/64/000'],
      ['a level with a leading zero', 'tile/00/000'],
      ['an index without padding', 'tile/0/1'],
      ['four digits in one element', 'tile/0/1234'],
      ['a directory of zeros in front', 'tile/0/x000/001'],
      ['the last element with an x', 'tile/0/x001/x234'],
      ['a directory without an x', 'tile/0/001/234'],
      ['a width of 0', 'tile/0/000.p/0'],
      ['a width of 256', 'tile/0/000.p/256'],
      ['a width with a leading zero', 'tile/0/000.p/07'],
      ['a slash in front', '/tile/0/000'],
      ['a slash after it', 'tile/0/000/'],
      ['a newline after it', 'tile/0/000\n'],
      ['an index beyond 2^53 - 1', 'tile/0/x009/x007/x199/x254/x740/992'],
      ['a negative index', 'tile/0/-01'],
      ['the path of a bundle', 'tile/entries/000'],
    ];
    for (const [name, tile] of refused) bad(name, 'parse_path', { path: tile }, 'tile_malformed');
  });
}

export function bundleCases(): VectorFile {
  const about = 'Entry bundles: C2SP tlog-tiles, "Log entries". Entries in results are hexadecimal.';
  return vectorFile('bundle', about, ({ good, bad }) => {
    good('the path of a full bundle', 'parse_path', { path: 'tile/entries/x001/234' }, { index: 1234, width: 256 });
    good('the path of a partial bundle', 'parse_path', { path: 'tile/entries/000.p/17' }, { index: 0, width: 17 });
    bad('the path of a tile', 'parse_path', { path: 'tile/0/000' }, 'tile_malformed');
    bad('a path with a width of 256', 'parse_path', { path: 'tile/entries/000.p/256' }, 'tile_malformed');
    good('one entry', 'parse', { bundle: hex('0003616263') }, ['616263']);
    good('two entries, one of them empty', 'parse', { bundle: hex('00000003616263'), width: 2 }, ['', '616263']);
    good('256 entries', 'parse', { bundle: bytes(new Uint8Array(512)), width: 256 }, new Array<string>(256).fill(''));
    bad('nothing', 'parse', { bundle: hex('') }, 'bundle_malformed');
    bad('257 entries', 'parse', { bundle: bytes(new Uint8Array(514)) }, 'bundle_malformed');
    bad('cut within a length', 'parse', { bundle: hex('000361626300') }, 'bundle_malformed');
    bad('cut within an entry', 'parse', { bundle: hex('00036162') }, 'bundle_malformed');
    bad('fewer entries than its width', 'parse', { bundle: hex('0003616263'), width: 2 }, 'bundle_malformed');
    bad('more entries than its width', 'parse', { bundle: hex('00000003616263'), width: 1 }, 'bundle_malformed');
  });
}
