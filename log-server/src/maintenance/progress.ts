/** How far a long command is: one line on stderr that overwrites itself, and only where a person looks at it. */
export type Progress = {
  show(done: number, of: number): void;
  /** Takes the line away again. */
  end(): void;
};

const EVERY_MS = 200;

export function terminalProgress(what: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (stream.isTTY !== true) return { show: () => undefined, end: () => undefined };
  let last = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show(done, of) {
      const now = performance.now();
      if (now - last < EVERY_MS) return;
      last = now;
      shown = true;
      const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
      stream.write(`\r\u001b[K${what}: ${done.toLocaleString('en')} of ${of.toLocaleString('en')} (${percent} %)`);
    },
    end() {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}
