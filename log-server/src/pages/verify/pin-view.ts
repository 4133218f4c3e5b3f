/** What one of the four that the visitor trusts says, and how to change it. Few open one, so it is a script of its own. */
import { parsePolicy, policyDigest } from '@assent/verifier';
import { PIN, PIN_KINDS } from '../../words/pins.ts';
import { type PIN_STATES, PIN_TITLES, PINS, REFUSED, SAVED } from '../../words/verify.ts';
import { button, type Child, codeQuestion, digest, element, more, note, said, warning } from '../shared/dom.ts';
import type { ServedLog } from '../shared/served-log.ts';
import { dayOf, timeView } from '../shared/times.ts';
import { IS_SAVED } from './copy.ts';
import { differsFrom, keysOf, type PinName, type Pins, policyOf, quorumText, readPin, readTrustRoot } from './pins.ts';
import { readFileText } from './read-file.ts';
import { newestListedVersion } from './served-trust.ts';

type Told = {
  readonly pins: Pins;
  readonly served: ServedLog | undefined;
  /** Whose word it is. */
  readonly state: keyof typeof PIN_STATES;
};
type Shown = {
  readonly parts: readonly Child[];
  /** What the log says, to be pinned as it is. */
  readonly offer?: { readonly words: string; readonly text: string };
};

/** @param told `set` pins a text that was read and is good, or unpins */
export async function pinParts(
  name: PinName,
  { set, ...told }: Told & { set: (text?: string) => Promise<void> },
): Promise<Child[]> {
  const { parts, offer } = await SHOW[name](told);
  const isPinned = told.state === 'pinned';
  const form = formOf(name, told.pins, set);
  return [
    note(PIN_KINDS[name].about),
    ...parts,
    (isPinned || offer !== undefined) &&
      element(
        'div',
        { class: 'buttons' },
        offer && button(() => void set(offer.text), offer.words),
        isPinned && button(() => void set(), PIN.unpin),
      ),
    isPinned || offer !== undefined ? more(isPinned ? PIN.change : PIN.other, form) : form,
  ];
}

const SHOW: { readonly [name in PinName]: (told: Told) => Shown | Promise<Shown> } = {
  logKey,
  logPolicy,
  trustRoot,
  approvalPolicy,
};

function formOf(name: PinName, pins: Pins, set: (text: string) => Promise<void>): HTMLElement {
  const take = async (text: string): Promise<void> => {
    const read = await readPin(name, text, pins);
    if (!read.ok) return refuse(REFUSED, said(read.detail), '.');
    refuse();
    await set(read.value);
  };
  const file = element('input', { type: 'file', 'aria-label': `${PIN_TITLES[name]}: ${PIN.file}` });
  file.addEventListener('change', async () => {
    const text = await readFileText(file.files?.[0]);
    file.value = '';
    if (text !== undefined) await take(text);
  });
  const pin = button(() => void take(input.value), PIN.pin);
  const { field, input, refuse } = codeQuestion(
    `pin-${name}`,
    '3',
    PIN_KINDS[name].label,
    element('div', { class: 'buttons' }, pin, file),
  );
  return field;
}

function logKey(told: Told): Shown {
  const { pins, served, state } = told;
  if (state === 'pinned')
    return { parts: [...keysOf(pins.logKey).map(digest), comparison('logKey', told, servedKeys(served))] };
  if (served === undefined) return { parts: [warning(IS_SAVED ? SAVED.noKey : PIN.keySilent)] };
  const offer = { words: PIN.pinServed, text: served.vkeys.join('\n') };
  return { parts: [note(PIN.own), ...servedKeys(served)], offer };
}

/** As the log lists them: those of now, then those of once. */
function servedKeys({ vkeys, retired }: Pick<ServedLog, 'vkeys' | 'retired'> = { vkeys: [], retired: [] }) {
  return [
    ...vkeys.map(digest),
    ...retired.flatMap(({ vkey, until }) => [note(PIN.retired, dayOf(until)), digest(vkey)]),
  ];
}

function logPolicy(told: Told): Shown {
  const { pins, served: { policy } = {}, state } = told;
  if (state === 'pinned') {
    const { logPolicy: pinned = '' } = pins;
    const compared = policy === undefined ? undefined : comparison('logPolicy', told, [policyText(policy)]);
    return { parts: [note(asked(pinned)), policyText(pinned), compared] };
  }
  if (state === 'none' || policy === undefined) return { parts: [note(PINS.policyNone)] };
  const parts = [note(PIN.own), note(asked(policy)), policyText(policy)];
  return { parts, offer: { words: PIN.pinServedPolicy, text: policy } };
}

async function trustRoot({ pins: { trustRoot: pinned }, served }: Told): Promise<Shown> {
  const read = pinned === undefined ? undefined : await readTrustRoot(pinned);
  if (read?.ok !== true) return { parts: [note(PIN.rootNone)] };
  const { rootId, newest } = read.value;
  if (newest === undefined) return { parts: [digest(rootId), note(PIN.rootIdOnly)] };
  const { name, version, expires_at, people } = newest;
  const expired = Date.parse(expires_at) <= Date.now();
  const listed = served === undefined ? undefined : await newestListedVersion(newest);
  return {
    parts: [
      digest(rootId),
      note(said(PIN.rootNewest(name, version, people))),
      note(`${PIN.rootUntil} `, timeView(expires_at)),
      expired && warning(PIN.rootExpired),
      listed !== undefined &&
        listed > version &&
        element('p', { class: 'message warn', role: 'status' }, PIN.rootNewer(listed)),
    ],
  };
}

function approvalPolicy({ pins: { approvalPolicy: pinned } }: Told): Shown {
  const policy = pinned === undefined ? undefined : parsePolicy(pinned);
  if (policy?.ok !== true) return { parts: [note(PIN.rulesNone)] };
  const { name, rules } = policy.value;
  return { parts: [note(said(PIN.rules(name, rules.length))), digest(policyDigest(policy.value))] };
}

/** Whether the log says the same, and what it says if not. */
function comparison(name: PinName, { pins, served }: Told, theirs: readonly HTMLElement[]): HTMLElement | undefined {
  if (served === undefined) return undefined;
  if (!differsFrom(name, pins, served)) return note(PIN.same);
  return element(
    'div',
    { class: 'message warn', role: 'status' },
    element('p', {}, PIN.differs),
    more(PIN.theirs, ...theirs),
  );
}

function asked(text: string): string {
  const policy = policyOf(text);
  return policy === undefined ? '' : quorumText(policy);
}

function policyText(text: string): HTMLElement {
  return element('pre', { class: 'text mono' }, said(text.trimEnd()));
}
