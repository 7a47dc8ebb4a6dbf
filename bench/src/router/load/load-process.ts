/** The load generator as a process of its own: drives one order after the other, each answered by its outcome. */
import { takePriority } from '@isotherm/runtime';
import { drive, type LoadOrder } from './drive.ts';

takePriority(process.env);
process.on('message', (order: LoadOrder) => {
  void drive(order).then((outcome) => process.send?.(outcome));
});
process.once('disconnect', () => process.exit());
