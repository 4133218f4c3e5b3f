import { Gauge, type Registry } from 'prom-client';

/** A gauge that is asked when somebody reads; while `read` returns undefined it is not there, rather than zero. */
export function addGauge(registry: Registry, name: string, help: string, read: () => number | undefined): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const value = read();
      if (value === undefined) this.remove();
      else this.set(value);
    },
  });
}
