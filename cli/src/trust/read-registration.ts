/** A passkey for a trust root, from what a browser answered when it was made. */
import { base64urlDecode, type TrustedApprover } from '@assent/verifier';
import { CommandFailure } from '../failure.ts';
import { readJsonInput } from '../files/read-input.ts';
import { primitives } from '../primitives.ts';
import { say } from '../terminal/output.ts';
import { type VerifiedRegistration, verifyRegistration } from '../webauthn-registration/verify-registration.ts';

const MAX_BYTES = 256 * 1024;

export type RegistrationFlags = {
  readonly registration?: string;
  readonly challenge?: string;
  readonly origin?: readonly string[];
  readonly topOrigin?: readonly string[];
  readonly rpId?: string;
  /** False with `--no-user-verification`. */
  readonly userVerification: boolean;
};

export type PasskeyFields = Pick<TrustedApprover, 'publicKey' | 'rp_id' | 'origins' | 'top_origins'>;

/** Throws a CommandFailure, `evidence_refused` with the check `registration` for one that does not hold. */
export async function readRegistration(file: string, flags: RegistrationFlags): Promise<PasskeyFields> {
  const { challenge: text, origin: origins, topOrigin: topOrigins = [] } = flags;
  if (text === undefined || origins === undefined) {
    const message =
      '--registration needs --challenge, the one that you gave, and --origin, where it had to be answered: ' +
      'without them it could be the passkey of anybody';
    throw new CommandFailure('usage', message);
  }
  const challenge = base64urlDecode(text);
  if (!challenge.ok || challenge.value.length < 16) {
    throw new CommandFailure('usage', '--challenge takes the challenge as base64url, of 16 bytes or more');
  }
  const rpId = flags.rpId ?? hostOf(origins[0]!);
  const json = await readJsonInput(file, 'the registration', MAX_BYTES);
  const { userVerification } = flags;
  const expected = { challenge: challenge.value, rpId, origins, topOrigins, userVerification };
  const verified = await verifyRegistration(json, expected, primitives);
  if (!verified.ok) {
    const { ok: _, ...check } = verified;
    throw new CommandFailure('evidence_refused', 'the passkey was not added: its registration does not hold', {
      checks: [{ id: 'registration', ...check }],
    });
  }
  sayWhatItIs(verified.value);
  const { publicKey } = verified.value;
  return { publicKey, rp_id: rpId, origins, ...(topOrigins.length > 0 && { top_origins: topOrigins }) };
}

function hostOf(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return new URL(origin).hostname;
  throw new CommandFailure(
    'usage',
    '--origin takes an origin such as https://approvals.example.com; beside others --rp-id is needed',
  );
}

const ATTESTATION_WORDS = {
  none: 'attestation: none, so nobody says what kind of authenticator it is',
  self: 'attestation: self (packed), verified: whoever registered it has its private key',
} as const;

function sayWhatItIs({ publicKey, credentialId, origin, aaguid, flags, attestation }: VerifiedRegistration): void {
  const { format, kind } = attestation;
  const words =
    kind === 'other'
      ? `attestation: ${format}, NOT VERIFIED: what it says about the make of the authenticator was not checked`
      : ATTESTATION_WORDS[kind];
  say(
    `a passkey made at ${origin}, by a user who was ${flags.userVerified ? 'verified' : 'there, and not verified'}`,
    `key ${publicKey.keyid} (${publicKey.algorithm}), credential ${credentialId}, authenticator ${aaguid}`,
    flags.backupEligible ? 'it may be copied to other devices of its owner' : 'it stays on its device',
    words,
  );
}
