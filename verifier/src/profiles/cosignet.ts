/**
 * Approvals of Cosignet (https://cosignet.com/docs), formats.md §10: a passkey signs exactly one action.
 *
 *     payload      {"amount_usd":4200,"to":"acct_8821"}       the action's JSON, as it was shown to be signed
 *     challenge    nonce ‖ SHA-256(payload)
 *
 * Nothing but these bytes is signed. No JSON object is a pre-authentication encoding, which begins with "DSSEv1 ", so a signature
 * under an approval of our own never passes for one of these, nor the other way round.
 */
import { utf8Decode } from '../bytes.ts';
import { ok } from '../result.ts';
import { type Profile, readPayload } from './profile.ts';

export const COSIGNET_PAYLOAD_TYPE = 'application/vnd.cosignet.approval+json';

export const cosignet: Profile = {
  format: 'Cosignet',
  signer: 'passkey',
  signedBytes: (_payloadType, payload) => payload,
  read: (payload) => {
    const json = readPayload(payload, {});
    if (!json.ok) return json;
    const action = utf8Decode(payload);
    if (!action.ok) return action;
    return ok({
      decision: 'approved',
      action: action.value,
      cannotProve: [
        'whose passkey it is',
        'for which service and under which policy it was approved, when, and until when: none of that is signed',
        'that it was used only once',
      ],
    });
  },
};
