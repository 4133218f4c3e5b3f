/** Passkey ceremonies in a page of a real browser, which has an authenticator: what a site's own script would do. */
import type { PasskeyRequest } from '@assent/verifier';
import type { Page } from 'playwright-core';

export type MadePasskey = {
  /** base64url of what the page was told to answer. */
  readonly challenge: string;
  /** As the browser's `toJSON()` gives it. */
  readonly registration: RegistrationResponseJSON;
};

/** @param rpId the page's host, or a domain above it. */
export async function makePasskey(
  page: Page,
  rpId: string,
  { attestation = 'none' }: { readonly attestation?: 'none' | 'direct' } = {},
): Promise<MadePasskey> {
  return page.evaluate(
    async ([rp, conveyance]) => {
      const bytes = crypto.getRandomValues(new Uint8Array(32));
      const credential = await navigator.credentials.create({
        publicKey: {
          challenge: bytes,
          rp: { id: rp, name: 'Approvals' },
          user: { id: crypto.getRandomValues(new Uint8Array(16)), name: 'dora', displayName: 'Dora' },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
          authenticatorSelection: { userVerification: 'required', residentKey: 'required' },
          attestation: conveyance,
        },
      });
      if (!(credential instanceof PublicKeyCredential)) throw new Error('the browser made no passkey');
      const challenge = btoa(String.fromCharCode(...bytes))
        .replace(/\+/g, '-')
        .replace(/\//g, '_')
        .replace(/=+$/, '');
      return { challenge, registration: credential.toJSON() as RegistrationResponseJSON };
    },
    [rpId, attestation] as const,
  );
}

export type AnsweredRequest = {
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
};

/** The `response` of the browser's AuthenticationResponseJSON. */
export async function usePasskey(page: Page, { publicKey }: PasskeyRequest): Promise<AnsweredRequest> {
  return page.evaluate(async (options) => {
    const credential = await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    });
    if (!(credential instanceof PublicKeyCredential)) throw new Error('the browser signed nothing');
    const { response } = credential.toJSON() as { response: AnsweredRequest };
    return response;
  }, structuredClone(publicKey) as PublicKeyCredentialRequestOptionsJSON);
}
