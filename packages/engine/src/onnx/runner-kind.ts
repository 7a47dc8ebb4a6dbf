/**
 * How a batch is run. `inPlace`: the graph writes into the slots' own buffers. `masked`: all rows in one run, gaps
 * switched off by the mask. `equalLength`: one run for each length in the batch, slow but right for every graph.
 */
export type RunnerKind = 'inPlace' | 'masked' | 'equalLength';
