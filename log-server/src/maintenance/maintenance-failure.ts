/**
 * Why a command on a whole log could not do its work. `unreachable`: something did not answer or can't be read, and the
 * same may work later. `refused`: what is there must not be used as it is. The message says what to do.
 */
export class MaintenanceFailure extends Error {
  readonly kind: 'unreachable' | 'refused';

  constructor(kind: MaintenanceFailure['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MaintenanceFailure';
    this.kind = kind;
  }
}
