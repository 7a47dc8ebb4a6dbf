import type { ExplainResponse } from '@isotherm/proto';
import { createPeers } from '@isotherm/rpc';
import { terminalOf } from '../show/terminal.ts';
import { findRouter } from '../state/find-router.ts';
import { accountLines, factsOf } from './account-lines.ts';
import { findRecord } from './find-record.ts';

export interface ExplainOptions {
  readonly address?: string;
  readonly json?: boolean;
}

/** `isotherm explain`: what was decided about one request, and why. */
export const explain = async (requestId: string, options: ExplainOptions): Promise<void> => {
  const terminal = terminalOf(process.stdout);
  const peers = createPeers();
  try {
    const record = await findRecord(peers, findRouter(options.address), requestId);
    if (options.json === true) return terminal.line(JSON.stringify(recordJson(record)));
    for (const line of accountLines(record)) {
      terminal.foreign(line);
      terminal.line();
    }
  } finally {
    peers.close();
  }
};

const recordJson = (record: ExplainResponse): object => ({
  request_id: record.requestId,
  router_id: record.routerId,
  notes: record.notes.map((note) => ({
    kind: note.kind,
    at_ms: note.atMs,
    facts: factsOf(note),
    ...(note.placement !== null && { placement: placementJson(note.placement) }),
  })),
  notes_left_out: record.notesLeftOut,
});

const placementJson = ({
  stage,
  picked,
  scored,
  dropped,
  waived,
  instancesLeftOut,
}: NonNullable<ExplainResponse['notes'][number]['placement']>): object => ({
  stage,
  picked: picked === '' ? null : picked,
  scores: Object.fromEntries(scored.map((each) => [each.instanceId, each.scores])),
  dropped: Object.fromEntries(dropped.map((each) => [each.instanceId, each.filter])),
  waived,
  instances_left_out: instancesLeftOut,
});
