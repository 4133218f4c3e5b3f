/** Documents without a `type`, told by members that stand together in no other. */
import type { JsonObject } from '@assent/verifier';
import type { Inspection, Look } from './inspection.ts';
import { type Members, walk } from './json-walk.ts';

export type ToldByMembers = {
  readonly kind: string;
  readonly title: string;
  readonly where: string;
  /** All of these make it one. */
  readonly has: readonly string[];
  readonly members: Members;
};

/** The first that fits. */
export function tell(formats: readonly ToldByMembers[], json: JsonObject, look: Look): Inspection | undefined {
  const found = formats.find(({ has }) => has.every((name) => Object.hasOwn(json, name)));
  if (found === undefined) return undefined;
  const { kind, title, where, members } = found;
  return { kind, title, where, rows: walk(json, members, look) };
}
