import { lightValue, type Metric, secondsOf } from '../core/metrics.ts';
import type { ReceiverNow } from './receivers-now.ts';

/** How it goes with those who are to hear of alarms, in figures. */
export function receiverMetrics(receivers: readonly ReceiverNow[]): Metric[] {
  const each = (name: string, help: string, value: (receiver: ReceiverNow) => number | undefined): Metric => ({
    name,
    help,
    values: receivers.map((receiver) => ({ labels: { receiver: receiver.target }, value: value(receiver) })),
  });
  return [
    each('receiver_light', 'Whether alarms reach a receiver: 0 they do, 1 they do not.', ({ light }) =>
      lightValue(light),
    ),
    each('receiver_due', 'How many alarms it has not got yet.', ({ due }) => due),
    each('receiver_reached_timestamp_seconds', 'When it last got one.', ({ reached }) => secondsOf(reached)),
  ];
}
