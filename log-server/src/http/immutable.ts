/** Of immutable things: what is at this address never changes. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
