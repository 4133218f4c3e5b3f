/** Of immutable things: what is at this address never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** A view as a body of its own: hono sends the whole buffer behind a view. */
export function bytes(view: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view);
}
