import { afterEach, describe, expect, it, vi } from 'vitest';
import { stopSignals } from './stop-signals.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('stopSignals', () => {
  it('reports the first signal, also one that came before anybody waited', async () => {
    const signals = stopSignals();
    process.emit('SIGTERM', 'SIGTERM');
    expect(await signals.stopped).toBe('SIGTERM');
    signals.dispose();
  });

  it('ends the process at the second one, with 128 and its number', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const signals = stopSignals();
    process.emit('SIGINT', 'SIGINT');
    expect(exit).not.toHaveBeenCalled();
    process.emit('SIGINT', 'SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
    signals.dispose();
  });

  it('leaves no listener behind', () => {
    const before = process.listenerCount('SIGINT');
    const signals = stopSignals();
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    signals.dispose();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
