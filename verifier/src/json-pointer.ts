/**
 * JSON Pointer, RFC 6901: a path to one value of a document.
 *
 *     readPointer({ "args": { "a/b": ["x", "y"] } }, '/args/a~1b/1')   // "y"
 */
import type { Json } from './canonical-json.ts';
import { isJsonObject } from './document.ts';

/** §3: `~` stands only in `~0` and `~1`. */
const BAD_ESCAPE = /~(?![01])/;
/** §4: no sign and no leading zero. `-` names the item after the last one, which is not there. */
const ARRAY_INDEX = /^(?:0|[1-9][0-9]{0,15})$/;

/** §3: empty, or tokens that each begin with a slash. */
export function isPointer(text: string): boolean {
  return text === '' || (text.startsWith('/') && !BAD_ESCAPE.test(text));
}

/**
 * What the pointer leads to, or undefined if there is nothing: JSON has no undefined. Members are the document's own, so
 * `/constructor` leads nowhere unless there is such a member. Throws TypeError on what is no pointer.
 */
export function readPointer(document: Json, pointer: string): Json | undefined {
  if (!isPointer(pointer)) throw new TypeError('pointer: not a JSON Pointer (RFC 6901)');
  let value: Json | undefined = document;
  for (const escaped of pointer.split('/').slice(1)) {
    // §4: in this order, so that `~01` becomes `~1` and not a slash.
    const token = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = ARRAY_INDEX.test(token) ? (value[Number(token)] as Json | undefined) : undefined;
    else if (isJsonObject(value)) value = Object.hasOwn(value, token) ? value[token] : undefined;
    else return undefined;
  }
  return value;
}
