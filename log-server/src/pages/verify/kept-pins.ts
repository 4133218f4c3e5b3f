import { PINS_STORAGE, readStoredPins } from '../shared/stored-pins.ts';
import { PIN_NAMES, type PinName, type Pins, readPin } from './pins.ts';

export type KeptPins = {
  readonly pins: Pins;
  /** What was kept and could not be read any more. It is no pin, and the visitor has to know. */
  readonly dropped: readonly PinName[];
};

/** A browser may forbid storage, or have lost it; then a pin holds until the page is closed. */
export async function loadPins(): Promise<KeptPins> {
  let pins: Pins = {};
  const dropped: PinName[] = [];
  const kept = readStoredPins();
  for (const name of PIN_NAMES) {
    const text: unknown = kept[name];
    if (text === undefined) continue;
    const pin = typeof text === 'string' ? await readPin(name, text, pins) : undefined;
    if (pin?.ok === true) pins = { ...pins, [name]: pin.value };
    else dropped.push(name);
  }
  return { pins, dropped };
}

/** Whether they will be there the next time. */
export function keepPins(pins: Pins): boolean {
  try {
    if (Object.keys(pins).length === 0) localStorage.removeItem(PINS_STORAGE);
    else localStorage.setItem(PINS_STORAGE, JSON.stringify(pins));
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}
