import type { Subscription } from './event-hub.ts';

/** How long a reader may leave a text in its hands unread before it is cut off, in ms. */
export const STALL_MS = 30_000;

/**
 * The texts as the body of a response. The next one is made when the last one has been taken, so what a slow reader has
 * not read is in the socket's buffer alone; one that takes nothing for {@link STALL_MS} gives its place to others.
 *
 * @param cutOff ends the connection: the body's own end would only queue behind what is not read
 */
export function eventBody(
  { texts, leave }: Subscription,
  cutOff: () => void,
  stallMs = STALL_MS,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let stalled: NodeJS.Timeout | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        clearTimeout(stalled);
        const { value, done } = await texts.next();
        if (done) return controller.close();
        controller.enqueue(encoder.encode(value));
        stalled = setTimeout(() => {
          leave();
          cutOff();
        }, stallMs).unref();
      },
      cancel() {
        clearTimeout(stalled);
        leave();
      },
    },
    { highWaterMark: 0 },
  );
}
