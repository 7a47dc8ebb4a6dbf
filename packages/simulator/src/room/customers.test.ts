import { describe, expect, it } from '@jest/globals';
import { randomStream } from '../chance/xoshiro.ts';
import { customerPeakShare, customerShare, drawCustomers } from './customers.ts';

const options = { servers: 60, serversMax: 10, mostShares: [0.5, 0.9] } as const;
const customers = drawCustomers(options, randomStream(1, 'customers'));

describe('customers with servers of their own', () => {
  it('have all the servers together, and none more than it may', () => {
    expect(customers.reduce((sum, { servers }) => sum + servers, 0)).toBe(60);
    expect(Math.max(...customers.map(({ servers }) => servers))).toBeLessThanOrEqual(10);
    expect(drawCustomers(options, randomStream(1, 'customers'))).toEqual(customers);
    expect(drawCustomers(options, randomStream(2, 'customers'))).not.toEqual(customers);
  });

  it('are never busier than history says, and busiest at their hour', () => {
    for (const customer of customers) {
      const hours = Array.from({ length: 24 * 7 }, (_, hour) =>
        customerShare(customer, 0, hour * 3600),
      );
      expect(Math.max(...hours)).toBeLessThanOrEqual(customerPeakShare(customer));
      expect(Math.min(...hours)).toBeGreaterThanOrEqual(0);
      const calm = { ...customer, noiseShare: 0 };
      const busiest = customerShare(calm, 0, customer.busiestHour * 3600);
      expect(busiest).toBeCloseTo(customer.mostShare, 9);
      expect(customerShare(calm, 0, 5 * 86_400 + customer.busiestHour * 3600)).toBeCloseTo(
        customer.mostShare * customer.weekendShare,
        9,
      );
    }
  });

  it('have servers that differ for minutes', () => {
    const [one] = customers;
    if (one === undefined) throw new RangeError('no customer');
    expect(customerShare(one, 0, 3600)).not.toBe(customerShare(one, 1, 3600));
    const later = customerShare({ ...one, leastShare: one.mostShare }, 0, 3601);
    expect(customerShare({ ...one, leastShare: one.mostShare }, 0, 3600)).toBe(later);
  });
});
