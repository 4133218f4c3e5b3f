import { describe, expect, it } from 'vitest';
import { signedHeaders } from './webhook.ts';

describe('signedHeaders', () => {
  it('signs as the example of the specification’s libraries does', () => {
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    expect(signedHeaders({ id }, '{"test": 2432232314}', secret, 1614265330_999)).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });
});
