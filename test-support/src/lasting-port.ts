import { randomInt } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';

/**
 * A port that may be closed and listened on again: below those that Linux gives to whoever asks for any (from 32,768 on),
 * who would have it meanwhile. Another test may have it all the same.
 */
export const lastingPort = (): number => randomInt(20_000, 32_768);

/** Listens on this port; on a {@link lastingPort} that is free where none is named. Answers with the port. */
export async function listenLasting(server: Server, port?: number): Promise<number> {
  for (;;) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port ?? lastingPort(), '127.0.0.1', () => {
          server.off('error', reject);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
