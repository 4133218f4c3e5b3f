import { STEP } from '../../words/demo.ts';
import { byId, digest, element, facts, replaceChildren } from '../shared/dom.ts';
import { busy, complain, onClick, plainButton } from './page.ts';
import { ceremonyProblem, makePasskey, type Passkey, rememberedPasskey, rememberPasskey } from './passkey.ts';

/** Step 1. `use` is told of each passkey that was made, and at once of one that is remembered from an earlier visit. */
export function setUpPasskeyStep(use: (passkey: Passkey, how: 'made' | 'remembered') => void): void {
  const make = onClick('make-passkey', (event) =>
    busy(event, async () => {
      try {
        const passkey = await makePasskey();
        rememberPasskey(passkey);
        show(passkey, make);
        use(passkey, 'made');
      } catch (error) {
        complain(ceremonyProblem(error));
      }
    }),
  );
  const remembered = rememberedPasskey();
  if (remembered === undefined) return;
  show(remembered, make);
  use(remembered, 'remembered');
}

function show({ publicKey }: Passkey, make: HTMLButtonElement): void {
  byId('make-passkey-buttons', 'div').hidden = true;
  replaceChildren(
    byId('passkey', 'div'),
    facts('facts', [[STEP.keyid, digest(publicKey.keyid)]]),
    element(
      'p',
      {},
      plainButton(STEP.makeAnother, () => make.click()),
    ),
  );
}
