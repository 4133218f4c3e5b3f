/**
 * Raw deflate (RFC 1951) with an inflater and a buffer that are used again. `inflateRawSync` makes a stream, zlib's tables and
 * window and a buffer for each call, outside of V8's heap, which then collects garbage because of them: that was a quarter of what a
 * receipt cost. Node has no public way to keep them, so this takes what is behind its streams, where it is as it is in
 * Node 20 to 24, and is for those whose next step compares what came out, and who have another way to get it.
 */
import { constants, createInflateRaw, type InflateRaw } from 'node:zlib';

/** The newest Node whose insides were looked at. One that has others could end the process rather than throw. */
const KNOWN_NODE = 24;
/** Of an approval's block everything fits. */
const OUTPUT_BYTES = 64 * 1024;

/** `write` notes in `state` first how much of the output it left. */
type Inner = {
  readonly stream: InflateRaw;
  readonly handle: { reset(): void; writeSync: WriteSync };
  readonly state: Uint32Array;
};
type WriteSync = (
  flush: number,
  input: Uint8Array,
  inputAt: number,
  inputBytes: number,
  output: Uint8Array,
  outputAt: number,
  outputBytes: number,
) => void;

export class Inflater {
  private readonly output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  private inner: Inner | undefined;
  private readonly open: () => InflateRaw;

  constructor(open: () => InflateRaw = createInflateRaw) {
    this.open = open;
    this.inner = innerOf(open());
  }

  /**
   * What there is of a stream from its beginning, which need not go on to its end. A view, until the next call. Undefined when
   * it is damaged, has more than 64 KiB, or this Node can't be used so.
   */
  inflate(beginning: Uint8Array): Buffer | undefined {
    if (this.inner === undefined) return undefined;
    const { stream, handle, state } = this.inner;
    handle.reset();
    handle.writeSync(constants.Z_SYNC_FLUSH, beginning, 0, beginning.length, this.output, 0, OUTPUT_BYTES);
    if (stream.destroyed) {
      // By what was damaged. Its handle would end the process if it were used once more.
      this.inner = innerOf(this.open());
      return undefined;
    }
    const left = state[0]!;
    return left === 0 ? undefined : this.output.subarray(0, OUTPUT_BYTES - left);
  }
}

function innerOf(stream: InflateRaw): Inner | undefined {
  const { _handle: handle, _writeState: state } = stream as unknown as Record<string, unknown>;
  const isKnownNode = Number.parseInt(process.versions.node, 10) <= KNOWN_NODE;
  const isKnown = isKnownNode && isHandle(handle) && state instanceof Uint32Array && state.length === 2;
  // Whoever inflates is told by `destroyed`.
  stream.on('error', () => undefined);
  return isKnown ? { stream, handle, state } : undefined;
}

function isHandle(value: unknown): value is Inner['handle'] {
  const { reset, writeSync } = (value ?? {}) as Record<string, unknown>;
  return typeof reset === 'function' && typeof writeSync === 'function';
}
