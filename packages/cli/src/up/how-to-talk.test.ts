import { describe, expect, it } from '@jest/globals';
import { howToTalk } from './how-to-talk.ts';

const options = { http: 'http://h:1', grpc: 'h:2', picture: 'p.png', question: 'What?' };

describe('how to talk to what runs', () => {
  it('says how to watch the room where there is one, and only there', () => {
    expect(howToTalk({ ...options, hasRoom: true })).toContain('npx isotherm room');
    expect(howToTalk({ ...options, hasRoom: false }).join('\n')).not.toContain('room');
  });
});
