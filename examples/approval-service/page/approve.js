import {
  base64Decode,
  base64urlDecode,
  base64urlEncode,
  displayDigest,
  intentDigest,
  parseStatement,
  passkeyRequest,
} from '/verifier/index.js';

const message = document.querySelector('#message');
const text = document.querySelector('#text');
const request = await (await fetch(`${location.pathname}/request`)).json();
if (request.error === undefined) show();
else message.textContent = request.error;

function show() {
  text.textContent = request.text;
  if (request.decided !== undefined) return tell(request);
  for (const decision of ['approved', 'rejected']) {
    const button = document.querySelector(`#${decision}`);
    button.disabled = false;
    button.addEventListener('click', () => decide(decision));
  }
}

/** The statement must be about what stands on this page; then the passkey signs its very bytes. */
async function decide(decision) {
  try {
    const payload = base64Decode(request.statements[decision]).value;
    const statement = parseStatement(payload);
    const honest =
      statement.ok &&
      statement.value.decision === decision &&
      statement.value.intent.digest === intentDigest(request.intent) &&
      statement.value.display === displayDigest(request.intent, request.text);
    if (!honest) throw new Error('The service wants something else signed than what it shows. Nothing was signed.');
    const { nonce, publicKey } = passkeyRequest({ payload, rpId: request.rpId });
    const assertion = await navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: base64urlDecode(publicKey.challenge).value,
        allowCredentials: request.credentials.map((id) => ({ type: 'public-key', id: base64urlDecode(id).value })),
      },
    });
    const { authenticatorData, clientDataJSON, signature } = assertion.response;
    const encode = (buffer) => base64urlEncode(new Uint8Array(buffer));
    const response = await fetch(location.pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        decision,
        credentialId: encode(assertion.rawId),
        nonce: encode(nonce),
        response: {
          authenticatorData: encode(authenticatorData),
          clientDataJSON: encode(clientDataJSON),
          signature: encode(signature),
        },
      }),
    });
    const answer = await response.json();
    if (response.ok) tell(answer);
    else message.textContent = answer.error;
  } catch (error) {
    message.textContent = error.message;
  }
}

function tell({ decided, logged }) {
  for (const button of document.querySelectorAll('button')) button.disabled = true;
  message.textContent = `${decided.decision === 'approved' ? 'Approved' : 'Rejected'} by ${decided.by}${logged ? ', and on the record.' : '. The log will have it soon.'}`;
}
