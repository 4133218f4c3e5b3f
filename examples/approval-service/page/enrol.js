import { base64Encode, base64urlEncode } from '/verifier/index.js';

const message = document.querySelector('#message');

document.querySelector('#form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = document.querySelector('#name').value;
  const code = document.querySelector('#code').value;
  try {
    const credential = await navigator.credentials.create({
      publicKey: {
        // Nobody looks at the answer to this challenge: the key proves itself when it signs an approval.
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { id: location.hostname, name: 'Approvals' },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name },
        pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { userVerification: 'required' },
      },
    });
    const response = await fetch('/enrol', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        code,
        name,
        credentialId: base64urlEncode(new Uint8Array(credential.rawId)),
        publicKey: base64Encode(new Uint8Array(credential.response.getPublicKey())),
      }),
    });
    message.textContent = response.ok ? 'Enrolled.' : (await response.json()).error;
  } catch (error) {
    message.textContent = error.message;
  }
});
