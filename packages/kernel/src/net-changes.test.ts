import { describe, expect, it } from '@jest/globals';
import { createNetChanges } from './net-changes.ts';

describe('net changes', () => {
  it('leave out what came and went', () => {
    const changes = createNetChanges();
    changes.add('a');
    changes.add('b');
    changes.remove('a');
    changes.remove('old');
    changes.remove('back');
    changes.add('back');
    expect(changes.take()).toEqual({ added: ['b'], removed: ['old'] });
    expect(changes.take()).toEqual({ added: [], removed: [] });
  });
});
