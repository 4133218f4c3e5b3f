import cluster from 'node:cluster';

/**
 * What the processes of one `serve --processes` tell each other; the one that started them passes it on. A server says `here` when it
 * can be told something: what came before that would be lost.
 */
export type ServerMessage =
  | { readonly kind: 'here' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'read-only'; readonly reason: string };

/** The other servers on this port, as one of them sees them. */
export type FellowServers = {
  /** Which of them this one is, from 1. The first speaks for all to the person at the terminal. */
  readonly number: number;
  /** Resolves when all of them are to end. */
  readonly stopped: Promise<'stop' | 'disconnect'>;
  /** Resolves when nobody is left who could ask for it, nor hand over a connection. */
  readonly abandoned: Promise<'disconnect'>;
  /** Resolves with the reason when another one has stopped signing for good. */
  readonly readOnly: Promise<string>;
  tellReadOnly(reason: string): void;
  /** Lets this process end. */
  leave(): void;
};

/** Undefined for a server that has its port to itself. */
export function fellowServers(): FellowServers | undefined {
  const { worker } = cluster;
  if (worker === undefined) return undefined;
  // What is sent over a channel that broke a moment ago: that it broke is told by `disconnect`.
  process.on('error', () => undefined);
  const abandoned = new Promise<'disconnect'>((resolve) => {
    worker.on('disconnect', () => {
      // Node would end this process at once.
      worker.exitedAfterDisconnect = true;
      resolve('disconnect');
    });
  });
  const asked = new Promise<'stop'>((resolve) => {
    process.on('message', ({ kind }: ServerMessage) => {
      if (kind === 'stop') resolve(kind);
    });
  });
  const readOnly = new Promise<string>((resolve) => {
    process.on('message', (message: ServerMessage) => {
      if (message.kind === 'read-only') resolve(message.reason);
    });
  });
  const tell = (message: ServerMessage): void => {
    if (process.connected) process.send?.(message);
  };
  tell({ kind: 'here' });
  return {
    number: worker.id,
    stopped: Promise.race([asked, abandoned]),
    abandoned,
    readOnly,
    tellReadOnly: (reason) => tell({ kind: 'read-only', reason }),
    leave: () => {
      worker.exitedAfterDisconnect = true;
      if (process.connected) process.disconnect();
    },
  };
}
