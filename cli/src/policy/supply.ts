/** Which approvals could be had, at most, from those whom a trust root lists. */
import {
  APPROVAL_PAYLOAD_TYPE,
  type CountedApproval,
  formatTime,
  type ListedKey,
  type TrustMembers,
} from '@assent/verifier';

/** @param at milliseconds. */
export function possibleApprovals(members: TrustMembers, at: number): readonly CountedApproval[] {
  const counts = (key: ListedKey): boolean => mayApprove(key, formatTime(at));
  const signed = [...members.approvers.values()]
    .filter(counts)
    .map(({ holder, roles, kind }) => ({ holder, roles, method: kind, userVerified: true }));
  const attested = [...members.services.values()]
    .filter((service) => counts(service) && service.payload_types.includes(APPROVAL_PAYLOAD_TYPE))
    .flatMap(({ attests, methods }) =>
      [...attests].flatMap(([holder, roles]) =>
        methods.map((method) => ({ holder, roles, method: `attested:${method}` as const })),
      ),
    );
  return [...signed, ...attested];
}

/** As the newest version lists it, at a time that is not before it. */
function mayApprove({ valid_from, valid_until, revoked }: ListedKey, time: string): boolean {
  if (time < valid_from || (valid_until !== undefined && time >= valid_until)) return false;
  return revoked === undefined || (revoked.reason === 'retired' && time < revoked.at);
}

/** Of somebody, over all their keys. */
export function rolesOf(approvals: readonly CountedApproval[], holder: string): readonly string[] {
  return [...new Set(approvals.filter((approval) => approval.holder === holder).flatMap(({ roles }) => roles))];
}
