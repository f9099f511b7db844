import { Suspension } from './suspension.ts';

/** A wait that only a cancel ends. */
export class Forever extends Suspension<never> {
  readonly #label: string;

  constructor(label = 'forever()') {
    super();
    this.#label = label;
  }

  get label(): string {
    return this.#label;
  }

  poll(): boolean {
    return false;
  }

  arm(): void {}

  disarm(): void {}
}
